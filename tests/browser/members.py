"""Members of organisations for the browser tests."""

from __future__ import annotations

import httpx

from corpora.uscc import check_character
from tests.accounts import sign_in
from tests.browser.conftest import Site

PASSWORD = "a phrase for members"


def join(site: Site, client: httpx.Client, role: str, number: int) -> None:
    """Sign in as a member of a new organisation."""
    first, login = f"91510400B{number:08}", f"{role}{number}@bounty.example"
    person = {
        "login": login,
        "name": f"{role}甲",
        "password": PASSWORD,
        "role": role,
        "organisation": f"揭榜测试单位{number}",
        "uscc": first + check_character(first),
        "org_type": "company",
        "region_code": "攀枝花",
    }
    assert client.post("/api/auth/register", json=person).status_code == 202
    (user,) = [u for u in site.get("admin/users") if u["login"] == login]
    assert site.client.post(f"/api/admin/users/{user['id']}/approve").status_code == 204
    sign_in(client, login, PASSWORD)
