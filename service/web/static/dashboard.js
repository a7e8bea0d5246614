// The heat map of supply and demand. The table below it holds the same figures.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("gap-map");
  if (!place || !window.echarts) return;
  const { chains, regions, cells } = JSON.parse(place.dataset.heat);
  place.style.height = `${Math.max(18, regions.length * 1.6 + 9)}rem`;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const chart = echarts.init(place, dark ? "dark" : null);
  const most = Math.max(1, ...cells.map(([, , needs, offers]) => Math.abs(needs - offers)));
  const small = place.clientWidth < 600;
  chart.setOption({
    backgroundColor: "transparent",
    animation: false,
    // drawn on the canvas: the page allows no inline styles
    tooltip: {
      renderMode: "richText",
      formatter: ({ data: [x, y, , needs, offers] }) =>
        `${chains[x]} · ${regions[y]}\n需求 ${needs}，成果 ${offers}`,
    },
    grid: { left: 130, right: 12, top: 10, bottom: 120 },
    xAxis: { type: "category", data: chains, axisLabel: { rotate: 55, interval: 0 } },
    yAxis: { type: "category", data: regions, inverse: true, axisLabel: { interval: 0 } },
    visualMap: {
      dimension: 2, min: -most, max: most, orient: "horizontal", left: "center", bottom: 0,
      text: ["需求多", "成果多"], inRange: { color: ["#2f8f5b", "#f3f3ee", "#c2412d"] },
    },
    series: [{
      type: "heatmap",
      data: cells.map(([x, y, needs, offers]) => [x, y, needs - offers, needs, offers]),
      label: { show: !small, formatter: ({ data: [, , gap] }) => String(gap) },
    }],
  });
  addEventListener("resize", () => chart.resize());
});
