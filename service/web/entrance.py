"""Pages to get in: signing in and out, registration, invitations, forgotten passwords."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask
from starlette.responses import Response

from service.access import OF_ORGANISATIONS
from service.accounts import demo, mailed, registry, sign_in
from service.accounts.inputs import AcceptIn, ForgottenIn, RegistrationIn, ResetIn, read
from service.api.auth import address_of
from service.context import Context, Ctx
from service.errors import ConflictError, InvalidRecordError, JiebangError, NotFoundError
from service.guard import Asker, session_cookie
from service.web.filling import Filling
from service.web.rendering import Form, page, text_of

router = APIRouter()
_PENDING = "account-pending"
_REGISTRATION = ("login", "name", "role", "organisation", "uscc", "org_type", "region_code")


@router.get("/login", name="login_form")
def login_form(request: Request, ctx: Ctx, next: str = "") -> Response:  # noqa: A002
    """The sign-in page; `next` is where to go afterwards."""
    return _login_page(request, ctx, next)


@router.post("/login", name="login")
def login(request: Request, ctx: Ctx, form: Form) -> Response:
    """Sign in: a fresh session in a cookie, whatever cookie came along."""
    given, wanted = text_of(form, "login"), text_of(form, "next")
    password = form.get("password")
    try:
        user = sign_in.authenticate(
            ctx.office, given, password if isinstance(password, str) else "", address_of(request)
        )
    except JiebangError as error:
        if error.code == _PENDING:
            return _told(request, "等待审批", error.detail, error.cure, error.status)
        return _login_page(request, ctx, wanted, given, error)
    name = session_cookie(ctx)
    granted = sign_in.open_session(ctx.office, user, request.cookies.get(name, ""))
    response = RedirectResponse(_inside(wanted), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        name,
        granted.secret,
        max_age=int(ctx.office.session_time.total_seconds()),
        secure=ctx.settings.production,
        httponly=True,
        samesite="lax",
    )
    return response


def _inside(path: str) -> str:
    """`path` where it leads to a page of this service, else the start page."""
    parts = urlsplit(path)
    inside = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if inside and not parts.scheme and not parts.netloc else "/"


def _login_page(
    request: Request,
    ctx: Context,
    wanted: str,
    given: str = "",
    error: JiebangError | None = None,
) -> Response:
    return page(
        request,
        "login.html",
        status=error.status if error else 200,
        headers=error.headers if error else None,
        active="login",
        wanted=_inside(wanted),
        given=given,
        problem=error,
        demos=demo.offered(ctx.office),
    )


@router.post("/logout", name="logout")
def logout(ctx: Ctx, asker: Asker) -> Response:
    """End the session."""
    sign_in.sign_out(ctx.office, asker.principal)
    response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    response.delete_cookie(
        session_cookie(ctx), secure=ctx.settings.production, httponly=True, samesite="lax"
    )
    return response


@router.get("/register", name="register_form")
def register_form(request: Request) -> Response:
    """The registration form."""
    return _registration(request, Filling())


@router.post("/register", name="register")
def register(request: Request, ctx: Ctx, form: Form) -> Response:
    """Register, then wait for approval."""
    ctx.office.throttle.form("register", address_of(request))
    filling = Filling.of(form, _REGISTRATION)
    try:
        asked = read(RegistrationIn, {**filling.values, "password": filling.secret(form)})
        letter = registry.register(ctx.office, asked)
    except InvalidRecordError as error:
        return _registration(request, filling.refused(error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _told(
        request,
        "注册已收到，等待审批",
        f"管理员审批后会发邮件到 {asked.login}",
        "通过后就可以登录",
        HTTPStatus.ACCEPTED,
        BackgroundTask(letter),
    )


def _registration(request: Request, filling: Filling, status: int = 200) -> Response:
    return page(
        request,
        "register.html",
        status=status,
        active="register",
        form=filling,
        roles=OF_ORGANISATIONS,
    )


@router.get("/invitation", name="invitation_form")
def invitation_form(request: Request, ctx: Ctx, token: str = "") -> Response:
    """The form of an invited person."""
    return _invitation(request, ctx, token, Filling())


@router.post("/invitation", name="accept_invitation")
def accept(request: Request, ctx: Ctx, form: Form) -> Response:
    """Make the account and go to sign in."""
    ctx.office.throttle.form("invitation", address_of(request))
    filling, token = Filling.of(form, ("name",)), text_of(form, "token")
    data = {**filling.values, "token": token, "password": filling.secret(form)}
    try:
        mailed.accept(ctx.office, read(AcceptIn, data))
    except InvalidRecordError as error:
        return _invitation(request, ctx, token, filling.refused(error))
    except (ConflictError, NotFoundError) as error:
        return _told(request, "邀请不能用", error.detail, error.cure, error.status)
    return _told(request, "账号已建好", "现在可以登录了", "", HTTPStatus.OK)


def _invitation(request: Request, ctx: Context, token: str, filling: Filling) -> Response:
    try:
        row = mailed.invitation(ctx.office, token)
    except NotFoundError as error:
        return _told(request, "邀请不能用", error.detail, error.cure, error.status)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if filling.errors else HTTPStatus.OK
    return page(
        request,
        "invitation.html",
        status=status,
        active="",
        form=filling,
        token=token,
        invitation=row,
    )


@router.get("/password/forgotten", name="forgotten_form")
def forgotten_form(request: Request) -> Response:
    """Asks for the mail address."""
    return page(request, "forgotten.html", active="", form=Filling())


@router.post("/password/forgotten", name="forgotten")
def forgotten(request: Request, ctx: Ctx, form: Form) -> Response:
    """Have a link mailed; the answer is the same whether there is such an account."""
    ctx.office.throttle.form("forgotten", address_of(request))
    filling = Filling.of(form, ("login",))
    try:
        asked = read(ForgottenIn, dict(filling.values))
    except InvalidRecordError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return page(
            request, "forgotten.html", status=status, active="", form=filling.refused(error)
        )
    ctx.office.throttle.mail(asked.login)
    letter = mailed.forget(ctx.office, asked.login)
    return _told(
        request,
        "请查看邮箱",
        f"如果 {asked.login} 有账号，重设链接已经发出，三十分钟内有效",
        "没有收到时先看垃圾邮件",
        HTTPStatus.ACCEPTED,
        BackgroundTask(letter),
    )


@router.get("/password/reset", name="reset_form")
def reset_form(request: Request, token: str = "") -> Response:
    """Asks for the new password."""
    return page(request, "reset.html", active="", form=Filling(), token=token)


@router.post("/password/reset", name="reset")
def reset(request: Request, ctx: Ctx, form: Form) -> Response:
    """Set the password and go to sign in."""
    ctx.office.throttle.form("reset", address_of(request))
    filling, token = Filling(), text_of(form, "token")
    try:
        mailed.reset(ctx.office, read(ResetIn, {"token": token, "password": filling.secret(form)}))
    except InvalidRecordError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        form_again = filling.refused(error)
        return page(request, "reset.html", status=status, active="", form=form_again, token=token)
    except NotFoundError as error:
        return _told(request, "链接不能用", error.detail, error.cure, error.status)
    return _told(
        request, "密码已重设", "所有已登录的设备都已退出，请用新密码登录", "", HTTPStatus.OK
    )


def _told(
    request: Request,
    title: str,
    detail: str,
    cure: str,
    status: int,
    background: BackgroundTask | None = None,
) -> Response:
    """A page that says one thing, and where to sign in."""
    response = page(
        request, "told.html", status=status, active="", title=title, detail=detail, cure=cure
    )
    response.background = background
    return response
