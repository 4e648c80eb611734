// For the type checker alone: what echarts.js is made of.
export { init, type ECharts } from "echarts/core";
