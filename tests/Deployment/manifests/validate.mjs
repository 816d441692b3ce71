// Validates manifests: node validate.mjs FILE... prints what is wrong, one line each, and exits 1 where something is.
// Twice: the schemas know values (formats, enums, what is required), the type declarations know which fields there are.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { parseAllDocuments } from "yaml";

const packages = {
    "keda.sh": "@kubernetes-models/keda",
    "kafka.strimzi.io": "@kubernetes-models/strimzi-kafka-operator",
    "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
    "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
};
const withoutSchema = ["http.keda.sh/v1beta1 InterceptorRoute"]; // nobody publishes one as a package

function moduleOf(apiVersion) {
    const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
    return `${packages[group] ?? "kubernetes-models"}/${apiVersion}`;
}

const errors = [];
const typed = [];
for (const file of process.argv.slice(2)) {
    for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
        const manifest = document.toJS();
        if (manifest === null) continue;
        const name = `${file}: ${manifest.kind} ${manifest.metadata?.name}`;
        for (const error of [...document.errors, ...document.warnings]) errors.push(`${name}: ${error.message.split("\n")[0]}`);
        if (withoutSchema.includes(`${manifest.apiVersion} ${manifest.kind}`)) continue;
        try {
            const kinds = await import(moduleOf(manifest.apiVersion));
            if (!kinds[manifest.kind]) throw new Error(`${manifest.apiVersion} has no kind ${manifest.kind}`);
            new kinds[manifest.kind](manifest).validate();
            typed.push({ name, manifest });
        } catch (error) {
            errors.push(`${name}: ${error.message}`);
        }
    }
}

// An object literal may have no field that its type lacks. One line per manifest tells whose error it is.
const here = dirname(fileURLToPath(import.meta.url));
const source = typed.map(({ manifest }, i) =>
    `const m${i}: import("${moduleOf(manifest.apiVersion)}").I${manifest.kind} = ${JSON.stringify(manifest)};`).join("\n");
const path = join(here, "manifests.ts");
const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, noEmit: true, skipLibCheck: true, strict: true, types: [] };
const host = ts.createCompilerHost(options);
const read = host.getSourceFile;
host.getSourceFile = (name, ...rest) => name === path ? ts.createSourceFile(name, `export {};${source}`, ts.ScriptTarget.ESNext) : read(name, ...rest);
host.fileExists = name => name === path || ts.sys.fileExists(name);
const program = ts.createProgram([path], options, host);
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start).line ?? 0;
    errors.push(`${typed[line]?.name}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")}`);
}

for (const error of errors) console.log(error);
console.error(`${typed.length} manifests`);
process.exit(errors.length > 0 ? 1 : 0);
