# Names, addresses, ports, rules, buckets and alarms of a deployment, without a provider: `terraform test` runs it anywhere.

terraform {
  required_version = ">= 1.11"
}

locals {
  role_names = ["metrics", "logs", "traces", "dashboards", "app"]

  # What runs where. `service` is the server that the instance is there for.
  services = {
    metrics    = { service = "martlet-metrics", port = 9090, ports = { query = 9090, alerts = 9093, agent = 9080 } }
    logs       = { service = "martlet-logs", port = 3100, ports = { query = 3100, agent = 9080 } }
    traces     = { service = "martlet-traces", port = 3200, ports = { query = 3200, otlp-grpc = 4317, otlp-http = 4318, agent = 9080 } }
    dashboards = { service = "martlet-dashboards", port = 3000, ports = { query = 3000, agent = 9080 } }
    app        = { service = "flask-app", port = 5000, ports = { query = 5000, agent = 9080 } }
  }
  roles = {
    for name in local.role_names : name => merge(local.services[name], {
      host   = "${name}.${var.domain}"
      public = var.public_dashboards && contains(["dashboards", "app"], name)
      type   = try(coalesce(var.instances[name].type), "t3.small")
      # The demo keeps nothing.
      disk = name == "app" ? 0 : try(coalesce(var.instances[name].disk), 30)
    }) if name != "app" || var.demo
  }

  config = toset(var.config_path == null ? [] : concat(
    tolist(fileset(var.config_path, "metrics/*.yml")), tolist(fileset(var.config_path, "dashboards/**/*.json")),
  ))
}
