# The demo: a Flask service and a little load.
setup() {
    local token requirements python=$ROOT/opt/flask-app/venv/bin
    tools python3:python3
    installed python3-venv || packages python3-venv
    install_package
    certificates
    local_token
    agent 127.0.0.1:4317 127.0.0.1:4318
    token=$(secret tokens/send)
    id flask-app >/dev/null 2>&1 || useradd --system --home-dir /opt/flask-app --shell /usr/sbin/nologin flask-app
    mkdir -p "$ROOT/opt/flask-app"
    if ! echo "$APP_SHA256  $ROOT/opt/flask-app/app.py" | sha256sum --check --status 2>/dev/null; then
        fetch "$APP_KEY" "$APP_SHA256" "$ROOT/opt/flask-app/app.py"
        touch "$STATE/changed"
    fi
    if [ "$(cat "$STATE/python" 2>/dev/null)" != "$APP_REQUIREMENTS" ]; then
        python3 -m venv "$ROOT/opt/flask-app/venv"
        read -ra requirements <<<"$APP_REQUIREMENTS"
        "$python/pip" install -q --disable-pip-version-check "${requirements[@]}"
        echo "$APP_REQUIREMENTS" >"$STATE/python"
        touch "$STATE/changed"
    fi
    put 0600 root:root /etc/martlet/flask-app.env <<END
FLASK_APP_HOST=0.0.0.0
FLASK_APP_PORT=5000
LOG_FILE=/var/log/flask-app/app.log
OTLP_ENDPOINT=https://localhost:4317
OTEL_EXPORTER_OTLP_CERTIFICATE=$CA
OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20$token
END
    put 0644 root:root /etc/systemd/system/flask-app.service <<END
[Unit]
Description=Flask demo application
After=network-online.target martlet-agent.service
[Service]
User=flask-app
EnvironmentFile=/etc/martlet/flask-app.env
Environment=TLS_CERT_FILE=%d/server.crt TLS_KEY_FILE=%d/server.key
LoadCredential=server.crt:/etc/martlet/tls/server.crt
LoadCredential=server.key:/etc/martlet/tls/server.key
LogsDirectory=flask-app
ExecStart=/opt/flask-app/venv/bin/python /opt/flask-app/app.py
Restart=on-failure
ProtectSystem=strict
ProtectHome=yes
NoNewPrivileges=yes
[Install]
WantedBy=multi-user.target
END
    put 0755 root:root /usr/local/sbin/flask-app-load <<END
#!/bin/bash
while sleep 0.3; do
    for call in "GET /" "GET /api/data" "GET /api/data" "POST /api/orders" "GET /nowhere"; do
        curl -s -o /dev/null --cacert $CA -X "\${call% *}" "https://localhost:5000\${call#* }"
    done
done
END
    put 0644 root:root /etc/systemd/system/flask-app-load.service <<'END'
[Unit]
Description=A little load for the Flask demo application
After=flask-app.service
[Service]
DynamicUser=yes
ExecStart=/usr/local/sbin/flask-app-load
[Install]
WantedBy=multi-user.target
END
    put 0640 root:martlet-agent /etc/martlet/promtail.yml <<'END'
scrape_configs:
  - job_name: journal
    journal: { max_age: 12h, labels: { job: systemd-journal } }
    relabel_configs:
      - { source_labels: [__journal__systemd_unit], regex: martlet-agent\.service, action: drop }
      - { source_labels: [__journal__systemd_unit], target_label: unit }
      - { source_labels: [__journal__hostname], target_label: host }
  - job_name: flask-app
    static_configs:
      - labels: { job: flask-app, __path__: /var/log/flask-app/*.log }
    pipeline_stages:
      - regex: { expression: '^\S+ \S+ - \S+ - (?P<level>[A-Z]+) - ' }
      - labels: { level: }
END
    SERVICES+=(flask-app flask-app-load)
}
