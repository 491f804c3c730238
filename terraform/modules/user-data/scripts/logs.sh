setup() {
    tools
    mount_data
    install_package
    certificates
    local_token
    agent off off
    web logs scrape:read query:read send:write
    unit logs 75%
    flags logs --web.listen-address=0.0.0.0:3100
    put 0640 root:martlet-logs /etc/martlet/loki.yml <<END
auth_enabled: false
limits_config: { retention_period: $((RETENTION_DAYS * 24))h }
END
}
