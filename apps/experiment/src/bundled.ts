import { fileURLToPath } from "node:url";

const inApplication = (folder: string) => fileURLToPath(new URL(`../${folder}`, import.meta.url));

/** Configs and models that come with the application. */
export const configsFolder = inApplication("configs");
export const modelsFolder = inApplication("models");
