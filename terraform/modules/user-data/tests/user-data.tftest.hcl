variables {
  name   = "martlet"
  domain = "martlet.internal"
  region = "eu-central-1"
  roles = {
    metrics    = { port = 9090, volume = "vol-0123456789abcdef0", retention_days = 15 }
    logs       = { port = 3100, volume = "vol-0123456789abcdef1", retention_days = 31 }
    traces     = { port = 3200, volume = "vol-0123456789abcdef2", retention_days = 14 }
    dashboards = { port = 3000, volume = "vol-0123456789abcdef3", retention_days = 0 }
    app        = { port = 5000, volume = "", retention_days = 0 }
  }
  buckets = { artifacts = "martlet-artifacts", backups = "martlet-backups", blocks = "martlet-blocks" }
  package = { key = "packages/martlet_0.1.0_amd64.deb", sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
  app     = { key = "packages/app.py", sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", requirements = "flask==3.1.3" }
}

run "a_script_for_each_role" {
  command = plan

  assert {
    condition     = join(" ", keys(output.scripts)) == "app dashboards logs metrics traces"
    error_message = "every role has its script"
  }
  assert {
    condition     = alltrue([for role, script in output.scripts : startswith(script, "#!/bin/bash\n") && strcontains(script, "\nROLE='${role}'\n")])
    error_message = "each is a bash script that knows its role"
  }
  assert {
    condition     = alltrue([for script in values(output.scripts) : length(script) <= 16384])
    error_message = "EC2 takes no more"
  }
  assert {
    condition     = alltrue([for script in values(output.scripts) : strcontains(script, "\nHOSTS='app dashboards logs metrics traces'\n")])
    error_message = "the metric server scrapes every machine"
  }
  assert {
    condition     = alltrue([for script in values(output.scripts) : strcontains(script, "PACKAGE_SHA256='${var.package.sha256}'")])
    error_message = "the package is checked"
  }
}

run "without_the_demo" {
  command = plan
  variables { roles = { logs = { port = 3100, volume = "vol-0123456789abcdef1", retention_days = 31 } } }

  assert {
    condition     = join(" ", keys(output.scripts)) == "logs" && !strcontains(output.scripts.logs, "APP_KEY")
    error_message = "only what runs has a script"
  }
}

run "unchecked_package" {
  command = plan
  variables { package = { key = "packages/martlet_0.1.0_amd64.deb", sha256 = "" } }
  expect_failures = [var.package]
}
run "package_for_one_server" {
  command = plan
  variables { package = { key = "packages/martlet-logs_0.1.0_all.deb", sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" } }
  expect_failures = [var.package]
}
run "no_region" {
  command = plan
  variables { region = "" }
  expect_failures = [var.region]
}
run "requirements_that_fill_the_script" {
  command = plan
  variables { app = { key = "packages/app.py", sha256 = "00", requirements = join(" ", [for number in range(1000) : "a-package-of-this-name-${number}"]) } }
  expect_failures = [output.scripts]
}
