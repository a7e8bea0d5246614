"""`serve`, `start`, `index build|verify|info`."""

from __future__ import annotations

import ipaddress
import socket
from typing import Annotated

import typer
import uvicorn
from rich.table import Table

from matcher import snapshot
from matcher.listing import KINDS, Kind
from service import replica, verify
from service.accounts import demo
from service.accounts.office import Office
from service.changes import published_count
from service.cli.console import CommandError, console, errors, progress, settings
from service.cli.greeting import greet, load_sample
from service.context import open_store
from service.served import served_config
from service.settings import Settings

HostOption = Annotated[
    str, typer.Option("--host", help="正式运行（JIEBANG_PRODUCTION=1）之外只能是本机地址")
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535)]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve)
    app.command("start")(start)
    group = typer.Typer(help="匹配索引：由数据库导出，可随时重建。", no_args_is_help=True)
    group.command("build")(index_build)
    group.command("verify")(index_verify)
    group.command("info")(index_info)
    app.add_typer(group, name="index")


def serve(host: HostOption = "127.0.0.1", port: PortOption = 8000) -> None:
    """启动接口和网页。"""
    chosen = settings()
    _require_loopback(host, chosen)
    _require_free(host, port)
    # the service is loaded only where it is served: it is large
    from service.app import create_app  # noqa: PLC0415

    app = create_app(chosen)
    errors.print(f"网页 http://{host}:{port}/ ，接口说明 http://{host}:{port}/api/openapi.json")
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        proxy_headers=bool(chosen.trusted_proxies),
        forwarded_allow_ips=chosen.trusted_proxies or None,
    )


def start(host: HostOption = "127.0.0.1", port: PortOption = 8000) -> None:
    """一条命令跑通主流程：建库、载入样本和演示账号、建索引、演示一次匹配，然后启动服务。"""
    chosen = settings()
    _require_loopback(host, chosen)
    _require_free(host, port)
    store = open_store(chosen)
    load_sample(store)
    if demo.seed(Office.of(chosen, store.engine)):
        errors.print("演示账号（密码公开，仅供本机试用）列在登录页上")
    opened = _opened("建立索引")
    greet(store, opened.indexes, served_config(chosen.home))
    serve(host, port)


def index_build() -> None:
    """从数据库重建索引；已有向量不重新编码。"""
    chosen = settings()
    store = open_store(chosen)
    with progress("编码") as report:
        indexes = {
            kind: replica.rebuild(
                store.engine, kind, store.encoder, served_config(chosen.home), report
            )
            for kind in Kind
        }
    replica.save(store.engine, chosen.index_dir, indexes)
    for kind, index in indexes.items():
        console.print(f"{KINDS[kind].label_zh}：{len(index):,} 条，位置 {index.watermark}")


def index_verify() -> None:
    """核对索引与数据库是否一致；一致返回 0，否则返回 1 并列出差异。"""
    chosen = settings()
    store = open_store(chosen)
    differences = verify.differences(
        store.engine, chosen.index_dir, store.encoder, served_config(chosen.home)
    )
    for line in differences[:50]:
        errors.print(line, markup=False, highlight=False, soft_wrap=True)
    if differences:
        errors.print(f"索引与数据库不一致：{len(differences)} 处；用 jiebang index build 重建")
        raise typer.Exit(1)
    counts = "，".join(f"{KINDS[k].label_zh} {published_count(store.engine, k):,} 条" for k in Kind)
    console.print(f"索引与数据库一致：{counts}")


def index_info() -> None:
    """显示磁盘上的索引快照。"""
    chosen = settings()
    table = Table("类别", "条数", "位置", "模型", "配置", "大小")
    for kind in Kind:
        try:
            found = snapshot.manifest(chosen.index_dir / kind)
        except snapshot.SnapshotError:
            table.add_row(KINDS[kind].label_zh, "无快照", "", "", "", "")
            continue
        files = (chosen.index_dir / kind / found["name"]).iterdir()
        size = sum(path.stat().st_size for path in files)
        table.add_row(
            KINDS[kind].label_zh,
            f"{found['listings']:,}",
            str(found["watermark"]),
            found["encoder"],
            found["index_config"],
            f"{size / 1e6:.1f} MB",
        )
    console.print(table)


def _opened(what: str) -> replica.Opened:
    chosen = settings()
    store = open_store(chosen)
    with progress(what) as report:
        opened = replica.open_indexes(
            store.engine, chosen.index_dir, store.encoder, served_config(chosen.home), report
        )
    if opened.rebuilt:
        replica.save(store.engine, chosen.index_dir, opened.indexes)
    return opened


def _require_loopback(host: str, chosen: Settings) -> None:
    """Outside production, where demo accounts work, nobody but this machine may get in."""
    if chosen.production:
        return
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError as error:
        msg = f"无法解析主机 {host}；请用 127.0.0.1"
        raise CommandError(msg) from error
    if not all(ipaddress.ip_address(str(a).partition("%")[0]).is_loopback for a in addresses):
        msg = f"不能绑定 {host}：非正式运行只允许本机地址；请用 --host 127.0.0.1，或设 JIEBANG_PRODUCTION=1"
        raise CommandError(msg)


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = f"{host}:{port} 已被占用；请用 --port 换一个端口"
            raise CommandError(msg) from error
