export { type AccuracyCostOptions, accuracyCostFigure } from "./accuracy-cost-figure.js";
export { accuracySpeedFigure, type SpeedPoint } from "./accuracy-speed-figure.js";
export { type BlockTime, bitOpsTimeFigure } from "./bit-ops-time-figure.js";
export { type ClassFigureOptions, classFigure } from "./class-figure.js";
export {
  type BoxPlot,
  type ClusterBoxes,
  type ClusterBoxFigureOptions,
  clusterBoxFigure,
} from "./cluster-box-figure.js";
export { type ClusterCountFigureOptions, type ClusterCountPoint, clusterCountFigure } from "./cluster-count-figure.js";
export type { ComparedMethod, ComparedPair, Comparison, Shift } from "./comparison-schema.js";
export { type CurvesOptions, curvesFigure, type NamedCurve, type NamedPoint } from "./curves-figure.js";
export { exitHistogramFigure } from "./exit-histogram-figure.js";
export { type GainRow, gainFigure } from "./gain-figure.js";
export { type GatePairRow, gatePairsFigure } from "./gate-pairs-figure.js";
export { type LatencySeries, latencyDistributionFigure } from "./latency-distribution-figure.js";
export { type Outcomes, outcomesSchema, outcomesSchemaVersion } from "./outcomes-schema.js";
export { type AnalysisSection, type AnalysisTable, analysisHtml, type ColumnFormat } from "./page/analysis-html.js";
export type { PathExample } from "./page/examples.js";
export { type ReportParts, reportHtml } from "./page/report-html.js";
export { type CheckedStatement, checkPaperStatements } from "./paper-statements.js";
export { imageDataUri } from "./png.js";
export { type PredictorCurve, predictorCurvesFigure } from "./predictor-curves-figure.js";
export { type ReliabilityMark, type ReliabilityPanel, reliabilityFigure } from "./reliability-figure.js";
export { reportMarkdown } from "./report-markdown.js";
export { curvesCsv } from "./results-csv.js";
export {
  type ClassPoint,
  type Curve,
  type CurvePoint,
  type OperatingPointResult,
  type Results,
  resultsSchema,
  resultsSchemaVersion,
} from "./results-schema.js";
export { type ClassSavings, savingsFigure } from "./savings-figure.js";
export { type SensitivityCell, sensitivityFigure } from "./sensitivity-figure.js";
export { headline, operatingPointLines } from "./sentences.js";
export { type Series, type SeriesOptions, seriesFigure } from "./series-figure.js";
export { shiftFigure } from "./shift-figure.js";
export { shownMethods } from "./shown-methods.js";
export { type Timings, timingsSchema } from "./timings-schema.js";
export { verdictLines } from "./verdict.js";
export { methodName, signedPoints } from "./words.js";
