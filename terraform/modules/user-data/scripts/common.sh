set -euo pipefail
umask 022
export LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive PATH=${MARTLET_PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin}
ROOT=${MARTLET_ROOT:-} # empty, but in tests
STATE=$ROOT/var/lib/martlet-setup
ETC=$ROOT/etc/martlet
CA=/usr/local/share/ca-certificates/martlet.crt

say() { echo "martlet-setup: $*"; }
fail() { say "$*" >&2; exit 1; }

# wait_for SECONDS WHAT COMMAND...: tries until it succeeds.
wait_for() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "$what: not in time"
        sleep 2
    done
}

# put MODE OWNER PATH <CONTENT: the file is replaced as a whole, and only when it differs. The mark `changed` stays until
# the servers have been started with what is new, also when this script dies before.
put() {
    local path=$ROOT$3
    mkdir -p "${path%/*}"
    (umask 077 && cat >"$path.new")
    if cmp -s "$path.new" "$path"; then
        rm "$path.new"
    else
        touch "$STATE/changed"
        mv "$path.new" "$path"
        say "wrote $3"
    fi
    chown "$2" "$path"
    chmod "$1" "$path"
}

apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends "$@"; }
update_and_install() { apt update && apt install "$@"; }
# The network may come up later than this script.
packages() { wait_for 600 "the packages $*" update_and_install "$@"; }

tools() {
    local missing=() pair
    for pair in curl:curl openssl:openssl update-ca-certificates:ca-certificates mkfs.ext4:e2fsprogs "$@"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    [ ${#missing[@]} = 0 ] || packages "${missing[@]}"
    if ! command -v aws >/dev/null; then
        # Ubuntu 24.04 has it as a snap only.
        if command -v snap >/dev/null; then wait_for 600 "the snap aws-cli" snap install aws-cli --classic; else packages awscli; fi
    fi
}

data_device() {
    local path
    for path in "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME/-/}" /dev/xvdf /dev/sdf; do
        [ ! -e "$ROOT$path" ] || { echo "$ROOT$path"; return; }
    done
    return 1
}

# Formats the data volume only when blkid finds nothing on it and its first MiB is empty.
mount_data() {
    [ -n "$VOLUME" ] || return 0
    local device kind status=0 line
    wait_for 600 "the data volume $VOLUME" data_device >/dev/null
    device=$(data_device)
    kind=$(blkid -p -s TYPE -o value "$device") || status=$?
    if [ "$status" = 2 ] && cmp -s -n 1048576 "$device" /dev/zero; then
        say "formatting the blank volume $VOLUME"
        mkfs.ext4 -q -L martlet "$device"
    elif [ "$status" != 0 ] || [ "$kind" != ext4 ]; then
        fail "$VOLUME holds something that is not ext4 (blkid: $status ${kind:-nothing}); it is left alone"
    fi
    line="UUID=$(blkid -p -s UUID -o value "$device") /var/lib/martlet ext4 defaults,nofail,x-systemd.device-timeout=60 0 2"
    if ! grep -qsxF "$line" "$ROOT/etc/fstab"; then
        { grep -vs ' /var/lib/martlet ' "$ROOT/etc/fstab" || true; echo "$line"; } >"$ROOT/etc/fstab.new"
        mv "$ROOT/etc/fstab.new" "$ROOT/etc/fstab"
        systemctl daemon-reload
    fi
    mkdir -p "$ROOT/var/lib/martlet"
    mountpoint -q "$ROOT/var/lib/martlet" || mount "$ROOT/var/lib/martlet"
    # The volume may have grown. What is stored is worth more than room for more.
    resize2fs "$device" || say "the filesystem of $VOLUME cannot be grown; it is used as it is" >&2
}

# fetch KEY SHA256 FILE: an artifact, kept only when it is the one that was meant.
fetch() {
    wait_for 300 "s3://$ARTIFACTS/$1" aws s3 cp --region "$REGION" --only-show-errors "s3://$ARTIFACTS/$1" "$3.new"
    if echo "$2  $3.new" | sha256sum --check --status; then
        mv "$3.new" "$3"
        return
    fi
    rm -f "$3.new"
    fail "s3://$ARTIFACTS/$1 has not the SHA-256 $2; nothing of it is used"
}

# dpkg-query also succeeds for a package that another one only suggests.
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install_package() {
    [ "$(cat "$STATE/package" 2>/dev/null)" != "$PACKAGE_SHA256" ] || ! installed martlet || return 0
    local install=(apt -o Dpkg::Options::=--force-confold --reinstall --allow-downgrades install "$STATE/martlet.deb")
    fetch "$PACKAGE_KEY" "$PACKAGE_SHA256" "$STATE/martlet.deb"
    touch "$STATE/changed"
    "${install[@]}" || { apt update && "${install[@]}"; }
    rm "$STATE/martlet.deb"
    echo "$PACKAGE_SHA256" >"$STATE/package"
}

parameter() {
    aws ssm get-parameter --region "$REGION" --with-decryption --name "/$STACK/$1" --query Parameter.Value --output text
}

# secret NAME: a parameter; waits, since a role's rights need a moment to be known everywhere.
secret() {
    local value end=$((SECONDS + 600))
    until value=$(parameter "$1"); do
        [ "$SECONDS" -lt "$end" ] || fail "the parameter /$STACK/$1: not in time"
        sleep 2
    done
    echo "$value"
}

certificates() {
    local text
    text=$(secret ca/certificate)
    put 0644 root:root $CA <<<"$text"
    [ "$ROOT$CA" -ot "$ROOT/etc/ssl/certs/ca-certificates.crt" ] || update-ca-certificates >/dev/null
    text=$(secret "tls/$ROLE/certificate")
    put 0644 root:root /etc/martlet/tls/server.crt <<<"$text"
    text=$(secret "tls/$ROLE/key")
    put 0600 root:root /etc/martlet/tls/server.key <<<"$text"
}

# With this token the machine asks its own servers; nobody else has it.
local_token() {
    [ -s "$ETC/tls/local.token" ] || put 0600 root:root /etc/martlet/tls/local.token <<<"$(openssl rand -hex 32)"
    printf 'header = "Authorization: Bearer %s"\n' "$(cat "$ETC/tls/local.token")" |
        { put 0600 root:root /etc/martlet/tls/curl.conf; }
    LOCAL=$(tr -d '\n' <"$ETC/tls/local.token" | sha256sum | cut -d ' ' -f 1)
}

# web SERVICE [NAME:ACCESS]...: TLS, and who may ask. The dashboards have logins of their own instead of tokens.
web() {
    local service=$1 text pair digest
    shift
    text="tls_server_config: { cert_file: server.crt, key_file: server.key }"
    if [ "$service" != dashboards ]; then
        text+=$'\n'"tokens:"$'\n'"  - { name: local, access: read, token_sha256: $LOCAL }"
        for pair in "$@"; do
            digest=$(secret "digests/${pair%:*}")
            text+=$'\n'"  - { name: ${pair%:*}, access: ${pair#*:}, token_sha256: $digest }"
        done
    fi
    put 0600 root:root "/etc/martlet/web/$service.yml" <<<"$text"
}

# unit SERVICE MEMORY [CREDENTIAL:PATH]...: what a server gets here beyond its packaged unit.
unit() {
    local service=$1 text pair
    text=$'[Unit]\nRequiresMountsFor=/var/lib/martlet\n[Service]\n'"MemoryMax=$2"
    shift 2
    for pair in server.crt:/etc/martlet/tls/server.crt server.key:/etc/martlet/tls/server.key "$@"; do
        text+=$'\n'"LoadCredential=$pair"
    done
    put 0644 root:root "/etc/systemd/system/martlet-$service.service.d/50-deployment.conf" <<<"$text"
    SERVICES+=("martlet-$service")
}

flags() {
    local service=$1
    shift
    put 0640 root:root "/etc/martlet/$service.env" <<<"MARTLET_FLAGS=\"$*\"${ENVIRONMENT:+$'\n'$ENVIRONMENT}"
}

# agent OTLP_GRPC OTLP_HTTP: host metrics to be scraped, log lines to be sent; OTLP at the addresses, or off.
agent() {
    local token
    token=$(secret tokens/send)
    web agent scrape:read send:write
    unit agent 8%
    flags agent --web.listen-address=0.0.0.0:9080
    put 0640 root:martlet-agent /etc/martlet/agent.yml <<END
otlp: { grpc_listen_address: "$1", http_listen_address: "$2" }
exporter: { listen_address: "off" }
forward:
  metrics: { url: "https://metrics.$DOMAIN:9090", bearer_token: $token }
  logs: { url: "https://logs.$DOMAIN:3100", bearer_token: $token }
  traces: { url: "https://traces.$DOMAIN:4318", bearer_token: $token }
END
}

# timer NAME WHEN <SCRIPT: a script that systemd runs again and again. Names must not begin with martlet-, which would get
# them what the packaged units share.
timer() {
    put 0755 root:root "/usr/local/sbin/$1"
    put 0644 root:root "/etc/systemd/system/$1.service" <<<$'[Service]\nType=oneshot\nExecStart=/usr/local/sbin/'"$1"
    put 0644 root:root "/etc/systemd/system/$1.timer" <<<$'[Timer]\n'"$2"$'\n[Install]\nWantedBy=timers.target'
    TIMERS+=("$1.timer")
}

# Once a minute: memory, disk, answers with 5xx since the last time, readiness, days that the certificate has left.
report() {
    timer report-martlet $'OnBootSec=60\nOnUnitActiveSec=60\nAccuracySec=1' <<'END'
#!/bin/bash
set -uo pipefail
. /var/lib/martlet-setup/settings
ask() {
    curl -sf -m 10 -K /etc/martlet/tls/curl.conf --cacert "$CA" --resolve "$ROLE.$DOMAIN:$PORT:127.0.0.1" "https://$ROLE.$DOMAIN:$PORT$1"
}
memory=$(awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 } END { print 100 * (1 - a / t) }' /proc/meminfo)
disk=$(df --output=pcent /var/lib/martlet | tr -dc 0-9)
ready=0
ask "$PROBE" >/dev/null && ready=1
now=$(ask /metrics | awk '/_(requests_total|duration_seconds_count)\{.*code="5/ { n += $NF } END { print n + 0 }')
last=$(cat /run/martlet-errors 2>/dev/null || echo "$now")
echo "$now" >/run/martlet-errors
errors=$((now < last ? now : now - last))
end=$(date -d "$(openssl x509 -enddate -noout -in /etc/martlet/tls/server.crt | cut -d = -f 2)" +%s)
data=()
for pair in "MemoryUtilization $memory" "DiskSpaceUtilization $disk" "Ready $ready" "ServerErrors $errors" \
    "CertificateDays $(((end - $(date +%s)) / 86400))"; do
    data+=("MetricName=${pair% *},Value=${pair#* },Dimensions=[{Name=Stack,Value=$STACK},{Name=Role,Value=$ROLE}]")
done
exec aws cloudwatch put-metric-data --region "$REGION" --namespace Martlet --metric-data "${data[@]}"
END
}

# backup <COMMANDS: once a day, what they leave in the directory $work goes to the bucket.
backup() {
    timer backup-martlet $'OnCalendar=*-*-* 02:00:00\nRandomizedDelaySec=900\nPersistent=true' <<END
#!/bin/bash
set -euo pipefail
. /var/lib/martlet-setup/settings
work=\$(mktemp -d)
trap 'rm -r "\$work"' EXIT
$(cat)
tar -czf "\$work.tar.gz" -C "\$work" .
aws s3 cp --region "\$REGION" --only-show-errors "\$work.tar.gz" "s3://\$BACKUPS/\$ROLE/\$(date -u +%Y-%m-%dT%H%M%SZ).tar.gz"
rm "\$work.tar.gz"
END
}

# folder NAME: files of the bucket's config/ROLE become /etc/martlet/NAME.
folder() {
    local copied
    mkdir -p "$ETC/$1"
    copied=$(aws s3 sync --region "$REGION" --no-progress --delete "s3://$ARTIFACTS/config/$ROLE/" "$ETC/$1/")
    [ -z "$copied" ] || { say "$copied"; touch "$STATE/changed"; }
    chown -R "root:martlet-$ROLE" "$ETC/$1"
    chmod -R u=rwX,g=rX,o= "$ETC/$1"
}

ready() {
    curl -sf -m 10 -o /dev/null -K "$ETC/tls/curl.conf" --cacert "$ROOT$CA" \
        --resolve "$ROLE.$DOMAIN:$PORT:127.0.0.1" "https://$ROLE.$DOMAIN:$PORT$PROBE"
}

# A second run finds everything as it is to be, and touches no server that runs.
start() {
    local unit
    if [ -e "$STATE/changed" ]; then
        systemctl daemon-reload
        systemctl enable -q "${SERVICES[@]}" "${TIMERS[@]}"
        systemctl reset-failed "${SERVICES[@]}" || true
        systemctl restart "${SERVICES[@]}" "${TIMERS[@]}"
    else
        for unit in "${SERVICES[@]}" "${TIMERS[@]}"; do
            systemctl is-active -q "$unit" || systemctl start "$unit"
        done
    fi
    wait_for 900 "https://$ROLE.$DOMAIN:$PORT$PROBE" ready
    rm -f "$STATE/changed"
    say "$ROLE is ready"
}

main() {
    mkdir -p "$STATE"
    exec 9>>"$STATE/lock"
    flock 9 # the first boot may not be over when the hour strikes
    SERVICES=() TIMERS=() ENVIRONMENT=
    say "setting up $ROLE"
    put 0644 root:root /var/lib/martlet-setup/settings <<END
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
ROLE=$ROLE STACK=$STACK DOMAIN=$DOMAIN REGION=$REGION PORT=$PORT PROBE=$PROBE BACKUPS=$BACKUPS CA=$CA
END
    setup
    report
    # From now on once an hour: renewed certificates and tokens, rules and dashboards come without a new machine.
    timer setup-martlet $'OnBootSec=5min\nOnUnitActiveSec=1h' <"${BASH_SOURCE[0]}"
    start
}
