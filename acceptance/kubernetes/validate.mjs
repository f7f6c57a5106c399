// validate.mjs FILE...: checks Kubernetes manifests. The models' JSON schemas check values; TypeScript checks members against their types, because the
// schemas allow members that Kubernetes does not know. First each check has to refuse a manifest that is wrong in its way.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));

function moduleOf({ apiVersion, kind }) {
  const group = apiVersion.startsWith("cert-manager.io/") ? "@kubernetes-models/cert-manager" : "kubernetes-models";
  return `${group}/${apiVersion}/${kind}`;
}

async function checkValues(manifest, name) {
  const { [manifest.kind]: Model } = await import(moduleOf(manifest));
  try {
    new Model(manifest).validate();
  } catch (problem) {
    throw new Error(`${name}: ${problem.message}`);
  }
}

function checkMembers(manifests) {
  const work = join(here, "checked");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  manifests.forEach((manifest, i) =>
    writeFileSync(join(work, `manifest${i}.ts`),
      `import type { I${manifest.kind} } from "${moduleOf(manifest)}";\nexport const manifest: I${manifest.kind} = ${JSON.stringify(manifest, null, 1)};\n`));
  try {
    execFileSync(join(here, "node_modules/.bin/tsc"),
      ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext",
        ...manifests.map((_, i) => join(work, `manifest${i}.ts`))], { encoding: "utf8" });
  } catch (problem) {
    throw new Error(problem.stdout);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function mustRefuse(what, check) {
  let refused = false;
  try {
    await check();
  } catch {
    refused = true;
  }
  if (!refused) throw new Error(`the validator accepts ${what}`);
}

const manifests = process.argv.slice(2).flatMap((file) =>
  parseAllDocuments(readFileSync(file, "utf8"), { strict: true, uniqueKeys: true }).map((document) => {
    if (document.errors.length) throw document.errors[0];
    return document.toJS();
  }));
const pod = (container) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: { containers: [{ name: "x", ...container }] } });
await mustRefuse("a port that is a word", () => checkValues(pod({ ports: [{ containerPort: "mcp" }] }), "pod"));
await mustRefuse("a misspelt member", () => checkMembers([pod({ imag: "x" })]));
for (const manifest of manifests) await checkValues(manifest, `${manifest.kind} ${manifest.metadata.name}`);
checkMembers(manifests);
console.log(`packages: ${manifests.length} Kubernetes manifests are valid`);
