# Every option that makes resources, for the checks that read the AWS layer without AWS.
region            = "eu-central-1"
package           = "martlet_0.1.0_amd64.deb"
demo              = true
public_dashboards = true
ui_cidrs          = ["203.0.113.0/24"]
ssh_cidrs         = ["203.0.113.7/32"]
alarm_emails      = ["ops@example.org"]
