# Metrics and alerts.
JOBS=
job() { # NAME PORT HOST...
    local name=$1 port=$2 targets=
    shift 2
    for host in "$@"; do targets+=", \"$host.$DOMAIN:$port\""; done
    JOBS+="
  - job_name: $name
    scheme: https
    authorization: { credentials_file: /run/credentials/martlet-metrics.service/scrape.token }
    tls_config: { ca_file: $CA }
    static_configs: [{ targets: [${targets#, }] }]"
}

# Sealed blocks go to the bucket. The store reads its credentials with every request; an instance's live for some hours.
bucket() {
    ENVIRONMENT=AWS_SHARED_CREDENTIALS_FILE=/etc/martlet/bucket.credentials
    timer credentials-martlet $'OnBootSec=0\nOnUnitActiveSec=15min' <<'END'
#!/bin/bash
set -euo pipefail
base=http://169.254.169.254/latest
token=$(curl -sf -m 5 --retry 5 -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" $base/api/token)
ask() { curl -sf -m 5 --retry 5 -H "X-aws-ec2-metadata-token: $token" "$base/meta-data/iam/security-credentials/$1"; }
answer=$(ask "$(ask "")")
value() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$answer"; }
[ -n "$(value SecretAccessKey)" ]
file=/etc/martlet/bucket.credentials
umask 077
printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\naws_session_token = %s\n' \
    "$(value AccessKeyId)" "$(value SecretAccessKey)" "$(value Token)" >$file.new
chown root:martlet-metrics $file.new
chmod 0640 $file.new
mv $file.new $file
END
    put 0644 root:root /etc/systemd/system/martlet-metrics.service.d/60-bucket.conf <<END
[Unit]
Wants=credentials-martlet.service
After=credentials-martlet.service
END
    put 0640 root:martlet-metrics /etc/martlet/objstore.yml <<END
type: S3
config: { bucket: "$BLOCKS", endpoint: s3.$REGION.amazonaws.com, region: $REGION }
END
}

setup() {
    local token text role hosts
    tools
    mount_data
    install_package
    certificates
    local_token
    for role in scrape alert; do
        token=$(secret "tokens/$role")
        put 0600 root:root "/etc/martlet/tls/$role.token" <<<"$token"
    done
    agent off off

    web alerts alert:write query:all scrape:read
    unit alerts 10%
    flags alerts --web.listen-address=0.0.0.0:9093 "--web.external-url=https://metrics.$DOMAIN:9093"
    if text=$(parameter alertmanager 2>/dev/null); then
        put 0640 root:martlet-alerts /etc/martlet/alertmanager.yml <<<"$text"
    fi

    web metrics scrape:read query:read send:write
    unit metrics 60% scrape.token:/etc/martlet/tls/scrape.token alert.token:/etc/martlet/tls/alert.token
    if [ -n "$BLOCKS" ]; then bucket; fi
    flags metrics --web.listen-address=0.0.0.0:9090 "--web.external-url=https://metrics.$DOMAIN:9090" \
        "--storage.tsdb.retention.time=${RETENTION_DAYS}d" ${BLOCKS:+--objstore.config-file=/etc/martlet/objstore.yml}
    folder rules
    read -ra hosts <<<"$HOSTS"
    job node 9080 "${hosts[@]}"
    job martlet-metrics 9090 metrics
    job martlet-alerts 9093 metrics
    job martlet-logs 3100 logs
    job martlet-traces 3200 traces
    [[ " $HOSTS " != *" app "* ]] || job flask-app 5000 app
    put 0640 root:martlet-metrics /etc/martlet/prometheus.yml <<END
global:
  scrape_interval: 15s
  external_labels: { stack: $STACK }
rule_files: [rules/*.yml]
alerting:
  alertmanagers:
    - scheme: https
      authorization: { credentials_file: /run/credentials/martlet-metrics.service/alert.token }
      tls_config: { ca_file: $CA }
      static_configs: [{ targets: ["metrics.$DOMAIN:9093"] }]
scrape_configs:$JOBS
END
    # Silences, and which notifications were sent.
    backup <<'END'
cp -r /var/lib/martlet/alerts "$work/alerts"
END
}
