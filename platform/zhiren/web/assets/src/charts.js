// ECharts, only the parts in use. [data-chart] holds {kind, categories, series: [{name, values}], unit, stacked}.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([AriaComponent, BarChart, GridComponent, LegendComponent, LineChart, PieChart, SVGRenderer, TooltipComponent]);

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function options(data) {
  const ink = css("--tblr-secondary");
  const line = css("--zr-line");
  const format = (value) => `${Number(value).toLocaleString()}${data.unit ? ` ${data.unit}` : ""}`;
  const base = {
    color: [1, 2, 3, 4, 5, 6].map((n) => css(`--zr-chart-${n}`)),
    textStyle: { fontFamily: css("--tblr-font-sans-serif") || "inherit" },
    aria: { enabled: true },
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300,
    tooltip: {
      trigger: data.kind === "pie" ? "item" : "axis", valueFormatter: format, renderMode: "richText", confine: true,
      backgroundColor: css("--tblr-bg-surface"), borderColor: line, textStyle: { color: css("--tblr-body-color") },
    },
    legend: { show: data.series.length > 1 || data.kind === "pie", bottom: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: ink } },
  };
  if (data.kind === "pie") {
    const values = data.series[0].values.map((value, index) => ({ value, name: data.categories[index] }));
    return { ...base, series: [{ type: "pie", radius: ["55%", "78%"], center: ["50%", "44%"], label: { show: false }, data: values }] };
  }
  const category = { type: "category", data: data.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: ink } };
  const value = { type: "value", splitLine: { lineStyle: { color: line } }, axisLabel: { color: ink, formatter: (v) => Number(v).toLocaleString() } };
  return {
    ...base,
    grid: { left: 8, right: 8, top: 12, bottom: base.legend.show ? 36 : 4, containLabel: true },
    xAxis: data.horizontal ? value : category,
    yAxis: data.horizontal ? { ...category, inverse: true } : value,
    series: data.series.map((one) => ({
      name: one.name, data: one.values, type: data.kind === "line" ? "line" : "bar", stack: data.stacked ? "all" : undefined,
      barMaxWidth: 28, smooth: false, symbolSize: 6, itemStyle: { borderRadius: data.stacked ? 0 : [3, 3, 0, 0] },
    })),
  };
}

export function draw(element) {
  const data = JSON.parse(element.dataset.chart);
  const chart = init(element, null, { renderer: "svg" });
  const paint = () => chart.setOption(options(data), true);
  paint();
  new ResizeObserver(() => chart.resize()).observe(element);
  document.addEventListener("zhiren:theme", paint);
}
