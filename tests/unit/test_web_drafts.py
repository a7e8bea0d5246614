"""Which searched texts may be kept as drafts."""

from __future__ import annotations

import pytest

from matcher.listing import Kind
from service.errors import InvalidRecordError
from service.web import drafts

TEXT = "轴封两周就滴漏，希望寿命到三个月以上，不改泵体。"


@pytest.mark.parametrize(
    "added",
    [
        "电话13800002222", "１３８ ００００ ２２２２", "+86 138-0000-2222", "0812-3331234", "(028)85551234",
        "写信 wang.gong@example.com.cn", "证件 510101199001011234", "微信：wanggong88", "QQ 号: 1234567",
        "打13800002222.",
        "联系人：王工", "机密★五年", "【秘密】", "密级：绝密", "本项目涉及国家秘密",
    ],
)  # fmt: skip
def test_contact_data_and_marks_of_secrecy_are_refused(added: str) -> None:
    for title, text in (("", f"{TEXT}{added}"), (added, TEXT)):
        with pytest.raises(InvalidRecordError) as refused:
            drafts.read(Kind.NEED, title, text)
        assert added not in refused.value.detail


@pytest.mark.parametrize(
    "added",
    [
        "专利 CN201310012345.6", "年产 13800000 件", "轴径 138.0000 2222 mm", "流量 0.12-0.45 升",
        "型号 ZJ-138-0000-2222", "保守商业秘密", "不涉及国家秘密", "2026-11-24 起", "联系人手不够",
        "A138000022221", "读数13800002222.5", "密级要求不高", "标准 GB 50325-2020", "030-12345678 号图",
    ],
)  # fmt: skip
def test_figures_and_names_of_models_are_no_contact_data(added: str) -> None:
    record = drafts.read(Kind.ACHIEVEMENT, "", f"{TEXT}{added}")
    assert (record.status, record.body()) == ("draft", f"{TEXT}{added}")


def test_the_same_text_has_one_hash_and_another_kind_or_status_another() -> None:
    need = drafts.read(Kind.NEED, "轴封", TEXT)
    assert need.content_hash() == drafts.read(Kind.NEED, "轴封", TEXT).content_hash()
    others = [
        drafts.read(Kind.ACHIEVEMENT, "轴封", TEXT),
        drafts.read(Kind.NEED, "", TEXT),
        need.model_copy(update={"status": "published"}),
    ]
    assert need.content_hash() not in [record.content_hash() for record in others]
