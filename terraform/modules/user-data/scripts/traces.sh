setup() {
    tools
    mount_data
    install_package
    certificates
    local_token
    agent off off
    web traces scrape:read query:read send:write
    unit traces 75%
    flags traces --web.listen-address=0.0.0.0:3200 --otlp.grpc-listen-address=0.0.0.0:4317 \
        --otlp.http-listen-address=0.0.0.0:4318 "--storage.retention.time=$((RETENTION_DAYS * 24))h"
}
