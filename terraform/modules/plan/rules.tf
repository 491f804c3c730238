# Who may talk to whom. A rule names the security group that it lets in; addresses are named for people only.

locals {
  conversations = concat(
    [
      { to = "metrics", port = 9090, from = "dashboards", why = "queries" },
      { to = "metrics", port = 9090, from = "app", why = "OTLP metrics of applications" },
      { to = "metrics", port = 9093, from = "dashboards", why = "alerts and silences" },
      { to = "logs", port = 3100, from = "dashboards", why = "queries" },
      { to = "traces", port = 3200, from = "dashboards", why = "queries" },
      { to = "traces", port = 3200, from = "metrics", why = "scrapes" },
      { to = "traces", port = 4317, from = "app", why = "spans over gRPC" },
      { to = "traces", port = 4318, from = "app", why = "spans over HTTP" },
      { to = "app", port = 5000, from = "metrics", why = "scrapes" },
    ],
    # Every machine's agent sends its log lines.
    [for name in local.role_names : { to = "logs", port = 3100, from = name, why = "log lines" } if !contains(["logs", "dashboards"], name)],
    # Every machine's agent is scraped.
    [for name in local.role_names : { to = name, port = 9080, from = "metrics", why = "scrapes of the agent" } if name != "metrics"],
  )
  people = concat(
    [for cidr in var.ui_cidrs : { to = "dashboards", port = 3000, cidr = cidr, why = "people" }],
    [for cidr in var.ui_cidrs : { to = "metrics", port = 9090, cidr = cidr, why = "people with a token" }],
    [for cidr in var.ui_cidrs : { to = "app", port = 5000, cidr = cidr, why = "people" }],
    [for pair in setproduct(local.role_names, var.ssh_cidrs) : { to = pair[0], port = 22, cidr = pair[1], why = "SSH" }],
  )

  ingress = merge(
    { for one in local.conversations : "${one.to}-${one.port}-from-${one.from}" => {
      group = one.to, port = one.port, peer = one.from, cidr = null, description = "${one.from}: ${one.why}"
    } },
    { for one in local.people : "${one.to}-${one.port}-from-${one.cidr}" => {
      group = one.to, port = one.port, peer = null, cidr = one.cidr, description = "${one.cidr}: ${one.why}"
    } },
  )
  # The other end of each conversation, and the way to AWS' own interfaces, package mirrors and webhooks.
  egress = merge(
    { for one in local.conversations : "${one.from}-to-${one.to}-${one.port}" => {
      group = one.from, port = one.port, peer = one.to, cidr = null, description = "${one.to}: ${one.why}"
    } },
    { for pair in setproduct(local.role_names, [443, 80]) : "${pair[0]}-to-internet-${pair[1]}" => {
      group       = pair[0], port = pair[1], peer = null, cidr = "0.0.0.0/0"
      description = pair[1] == 443 ? "AWS, webhooks" : "package mirrors, whose packages are signed"
    } },
  )
}
