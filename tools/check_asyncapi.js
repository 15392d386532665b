// Holds docs/asyncapi.json against the JSON Schema of AsyncAPI 3, and each sample in it against the schema of
// its message.

const fs = require("node:fs");
const path = require("node:path");
const Ajv = require("ajv").default;
const addFormats = require("ajv-formats").default;
const specs = require("@asyncapi/specs");

const root = path.join(__dirname, "..");
const document = JSON.parse(fs.readFileSync(path.join(root, "docs/asyncapi.json"), "utf8"));

function checker(settings) {
  const ajv = new Ajv({ strict: false, allErrors: true, ...settings });
  addFormats(ajv);
  return ajv;
}

function report(what, errors) {
  for (const error of errors) {
    console.error(`${what}${error.instancePath}: ${error.message}`);
  }
  process.exitCode = 1;
}

// The schema brings its own copy of draft 7.
const whole = checker({ meta: false, validateSchema: false }).compile(specs.schemas["3.0.0"]);
if (!whole(document)) {
  report("docs/asyncapi.json", whole.errors);
}

// Schemas refer to each other from the root of the document.
const ajv = checker();
ajv.addSchema({ $id: "asyncapi", components: document.components });
for (const [name, message] of Object.entries(document.components.messages)) {
  const place = name.replaceAll("~", "~0").replaceAll("/", "~1");
  const fits = ajv.getSchema(`asyncapi#/components/messages/${place}/payload`);
  for (const sample of message.examples) {
    if (!fits(sample.payload)) {
      report(`the sample of ${name}`, fits.errors);
    }
  }
}
