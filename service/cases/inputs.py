"""What people send about cases and to-dos."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from service.accounts.inputs import Input
from service.bounty.inputs import ContractIn
from service.inputs import Code, Id, Text, Version


class CaseIn(Input):
    """A pair to be worked on; with `claim` by whoever sends it."""

    need_id: Id
    achievement_id: Id
    summary: Annotated[str, Text(0, 4000)] = ""
    claim: Annotated[bool, Field(strict=True)] = False


class CaseChange(Input):
    """The running summary of a case as it shall be."""

    version: Version
    summary: Annotated[str, Text(0, 4000)]


class HandOver(Input):
    """Who shall go on with a case."""

    version: Version
    login: Annotated[str, Text(1, 120)]


class CaseEventIn(Input):
    """A step of a case; `lose` takes a reason code, `sign` the contract, `register` its number."""

    event: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    version: Version
    reason: Annotated[str, Text(0, 1000)] = ""
    reason_code: Annotated[str, Code("reason")] | None = None
    contract: ContractIn | None = None
    registration: Annotated[str, Text(0, 60)] = ""


class TodoIn(Input):
    """Something to be done by a day."""

    text: Annotated[str, Text(1, 500)]
    due: date


class TodoChange(TodoIn):
    """A to-do as it shall be."""

    version: Version
    done: Annotated[bool, Field(strict=True)] = False
