// Of Apache ECharts what the pages draw; everything else stays out.
import { BarChart, CustomChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, CanvasRenderer, CustomChart, GridComponent, LineChart, MarkAreaComponent, MarkLineComponent, PieChart, ScatterChart, TooltipComponent]);

export { init };
