<# Laid out as prettier does: a line of more than 80 columns is broken behind the colon, if the key has five letters. #>
<% macro text(value) -%>
<% if value.count('"') > value.count("'") -%>
'<< value | replace("\\", "\\\\") | replace("'", "\\'") >>'
<%- else -%>
<< value | json >>
<%- endif %>
<%- endmacro %>
<% macro property(indent, key, code) -%>
<% set line = indent ~ key ~ ": " ~ code ~ "," -%>
<< line if line | length <= 80 or key | length < 5 else indent ~ key ~ ":\n" ~ indent ~ "  " ~ code ~ "," >>
<%- endmacro %>
<% set host = project.host("railway") %>
<% set constants = {"postgres": "database", "redis": "queue"} %>
<% set outputs = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"} %>
<% set scaled = project.services | selectattr("run.replicas", "gt", 1) | list
  + project.services | selectattr("run.regions") | list %>
<% set secrets = project.services | map(attribute="env") | sum(start=()) | selectattr("secret") | list %>
<% set names = ["defineRailway", "project"] + project.backing | list + ["image", "service"] * (project.services | length > 0)
  + ["preserve"] * (secrets | length > 0) %>
<% set import = "import { " ~ names | sort | join(", ") ~ ' } from "railway/iac";' %>
<% set images = "const images = " ~ project.images | json ~ ";" %>
// What Railway runs for this project, in each of its environments. `npm install --prefix .railway` gets what this file
// is written with; `railway config plan` shows what would change, and `railway config apply` changes it.
//
// deploy/railway.sh sets images by digest. Plan and apply with those of the release that runs, from its images.env, or
// services go back to the tag: env $(cat images.env) railway config plan
// What is not in this file is deleted, also variables. A secret keeps the value that it has in Railway.
<< import if import | length <= 80 else
  import | replace("{ ", "{\n  ") | replace(", ", ",\n  ") | replace(" }", ",\n}") >>
<% if project.services %>

declare const process: { env: Record<string, string | undefined> };

<< images if images | length <= 80 else images | replace("= ", "=\n  ") >>
const home = << host.regions[project.region] | json >>;

// By the digest that images.env of a release has, else what the tag stands for.
function released(name: string) {
  const variable = `${name.toUpperCase().replaceAll("-", "_")}_IMAGE`;
  return image(process.env[variable] ?? `${images}-${name}:latest`);
}
<% endif %>

export default defineRailway((<< "ctx" if scaled >>) => {
<% if scaled %>
  if (!ctx.environment) throw new Error("no environment: is the CLI too old?");
  const production = ctx.environment === "production";
  const inProduction = (replicas: Record<string, number>) =>
    production ? replicas : { [home]: 1 };
<% endif %>
<% for need in project.backing %>
  const << constants[need] >> = << need >>("<< need >>", { region: home });
<% endfor %>
<% if scaled or project.backing %>

<% endif %>
  return project(<< project.slug | json >>, {
<% if project.services %>
    resources: [
<% for need in project.backing %>
      << constants[need] >>,
<% endfor %>
<% for process in project.processes %>
<% set service = process.service %>
<% set own = process.command is none %>
<% set port = service.port if own else none %>
<% set env = namespace(lines={}) %>
<% for setting in project.environment(service) %>
<% if setting.kind == "value" %>
<% set code = text(setting.value) %>
<% elif setting.kind == "secret" %>
<% set code = "preserve()" %>
<% elif setting.kind == "service" %>
<% set code = ("http://${{" ~ setting.service.name ~ ".RAILWAY_PRIVATE_DOMAIN}}:" ~ setting.service.port) | json %>
<% else %>
<% set code = constants[setting.kind] ~ ".env." ~ outputs[setting.kind] %>
<% endif %>
<% set env.lines = dict(env.lines, **{setting.name: code}) %>
<% endfor %>
<% if port and "PORT" not in env.lines %>
<% set env.lines = dict(env.lines, PORT=port | json) %>
<% endif %>
<% if port and service.public %>
<% for domain in service.run.domains or [""] %>
      // Public after: railway domain << domain ~ " " if domain >>--service << service.name >> --port << port >>
<% endfor %>
<% endif %>
      service(<< process.name | json >>, {
        source: released(<< service.name | json >>),
<% if not own %>
<< property("        ", "start", text(process.command)) >>
<% elif service.run.pre_deploy %>
<< property("        ", "preDeploy", text(service.run.pre_deploy)) >>
<% endif %>
<% if port and service.health %>
<< property("        ", "healthcheck", service.health | json) >>
<% endif %>
<% if own and service.run.regions %>
        replicas: inProduction({
          [home]: << service.run.replicas >>,
<% for region in service.run.regions %>
          << host.regions[region] | json >>: << service.run.replicas >>,
<% endfor %>
        }),
<% elif own and service.run.replicas > 1 %>
        replicas: inProduction({ [home]: << service.run.replicas >> }),
<% else %>
        replicas: { [home]: 1 },
<% endif %>
        deploy: {
          drainingSeconds: << 30 if port else 60 >>,
          limitOverride: {
            containers: { cpu: << "%g" | format(service.run.millicpus / 1000) >>, memoryBytes: << service.run.memory_mib >> * 1024 ** 2 },
          },
<% if port %>
          overlapSeconds: 20,
<% else %>
          restartPolicyType: "ALWAYS",
<% endif %>
        },
<% if env.lines %>
        env: {
<% for name, code in env.lines | dictsort(true) %>
<< property("          ", name, code) >>
<% endfor %>
        },
<% endif %>
      }),
<% endfor %>
    ],
<% else %>
    resources: [],
<% endif %>
  });
});
