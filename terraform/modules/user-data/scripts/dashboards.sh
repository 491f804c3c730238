sources() {
    local token kind name type host port
    token=$(secret tokens/query)
    echo "apiVersion: 1"
    echo "datasources:"
    for kind in metrics:prometheus:metrics:9090 logs:loki:logs:3100 traces:tempo:traces:3200 alerts:alertmanager:metrics:9093; do
        IFS=: read -r name type host port <<<"$kind"
        cat <<END
  - name: $name
    uid: $name
    type: $type
    url: https://$host.$DOMAIN:$port
    isDefault: $([ "$name" = metrics ] && echo true || echo false)
    jsonData: { httpHeaderName1: Authorization }
    secureJsonData: { httpHeaderValue1: "Bearer $token" }
END
    done
}

setup() {
    local text
    tools python3:python3
    mount_data
    install_package
    certificates
    local_token
    agent off off
    web dashboards
    unit dashboards 70%
    flags dashboards --web.listen-address=0.0.0.0:3000
    text=$(sources)
    put 0640 root:martlet-dashboards /etc/martlet/provisioning/datasources/stack.yaml <<<"$text"
    folder dashboards
    # SQLite's own copy of the database, which is in use: accounts, and what people have set.
    backup <<'END'
python3 - "$work/dashboards.db" <<'PYTHON'
import sqlite3, sys
source = sqlite3.connect("file:/var/lib/martlet/dashboards/dashboards.db?mode=ro", uri=True)
source.backup(sqlite3.connect(sys.argv[1]))
PYTHON
END
}
