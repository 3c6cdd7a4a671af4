export { importsOf, type Rules, type SourceFile, sourceFiles, violations } from "./boundaries.js";
