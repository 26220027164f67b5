// Prints what each compiled railway.ts describes, in two environments, and what Railway's own function finds wrong with
// it: the resources of the project, and an edge for each reference between them, as the CLI makes them.
import { createRailwayContext, validateGraph } from "railway/iac";
import { pathToFileURL } from "node:url";

function edges(resource) {
    return Object.entries(resource.variables ?? {})
        .filter(([, value]) => value.type === "reference")
        .map(([key, value]) => ({
            from: resource.address,
            to: value.resource,
            type: "variable",
            key,
        }));
}

const found = [];
for (const file of process.argv.slice(2)) {
    const { default: program } = await import(pathToFileURL(file).href);
    const environments = {};
    const errors = [];
    for (const environment of ["production", "staging"]) {
        const project = await program(createRailwayContext({ environment }));
        const graph = {
            version: 1,
            project: { name: project.name },
            environments: [{ name: environment }],
            resources: project.resources,
            edges: project.resources.flatMap(edges),
        };
        errors.push(...validateGraph(graph));
        environments[environment] = project;
    }
    found.push({ environments, errors });
}
process.stdout.write(JSON.stringify(found));
