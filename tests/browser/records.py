"""Records of the browser tests."""

from __future__ import annotations

from typing import Any

ACHIEVEMENTS: list[dict[str, Any]] = [
    {
        "achievement_id": "A-seal",
        "title": "含固介质渣浆泵用碳化硅机械密封",
        "abstract": "在碳化硅密封端面加工螺旋槽，把颗粒排出密封间隙。"
        "渣浆泵含砂 18% 的台架试验连续运转 2600 小时，轴封泄漏量低于 3 毫升每小时。",
        "org": "岷江流体机械研究所",
        "region_code": "成都市",
        "industry_chain": "先进装备",
        "trl": 7,
        "coop_modes": ["技术许可"],
        "price_wan": 60,
    },
    {
        "achievement_id": "A-impeller",
        "title": "渣浆泵叶轮耐磨陶瓷涂层",
        "abstract": "在叶轮流道喷涂碳化钨复合陶瓷层，抗石英砂冲蚀寿命提高三倍，已在两家选厂试用。",
        "org": "攀西材料实验室",
        "region_code": "攀枝花市",
        "industry_chain": "先进材料",
        "trl": 5,
        "coop_modes": ["合作开发"],
    },
    {
        "achievement_id": "A-battery",
        "title": "磷酸铁锂极片干法回收工艺",
        "abstract": "低温热解后用气流分选把极片上的活性物质与铝箔分开，锂回收率 95%，不产生废水。",
        "industry_chain": "动力电池",
        "region_code": "宜宾市",
        "trl": 6,
    },
    {
        "achievement_id": "A-brew",
        "title": "白酒窖泥功能菌群快速驯化",
        "abstract": "筛选己酸菌复合菌剂，三个月内让新窖泥达到十年窖泥的产酯水平。",
        "industry_chain": "食品饮料",
        "region_code": "泸州市",
        "trl": 8,
    },
]

NEEDS: list[dict[str, Any]] = [
    {
        "need_id": "N-pump",
        "title": "矿浆泵轴封两周就漏",
        "problem_statement": "选厂六台渣浆泵输送含石英砂的矿浆，轴封最长撑十六天就开始滴漏，"
        "换一次停机八小时，希望寿命到三个月以上。",
        "org": "攀枝花某选矿厂",
        "region_code": "攀枝花市",
        "industry_chain": "先进装备",
        "budget_max_cny_wan": 80,
        "contact": {"name": "李工不公开", "phone": "13900001111"},
    },
    {
        "need_id": "N-cellar",
        "title": "新建窖池出酒酯香不足",
        "problem_statement": "新建的两百口窖池酒体己酸乙酯偏低，想尽快让新窖泥达到老窖泥的水平。",
        "industry_chain": "食品饮料",
        "region_code": "宜宾市",
    },
]
