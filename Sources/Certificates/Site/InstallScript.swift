/// The script that puts a machine's folder in place there.
enum InstallScript {
    /// Text for bash, to be run as root on a machine that has the packages.
    static func text(_ machine: SitePlan.Machine, installed: String) -> String {
        let roles = machine.servers.map(\.role.rawValue).joined(separator: " ")
        return """
            #!/bin/bash
            # Puts this machine's part of the site in place: run it as root, and again after every change. A server is started
            # anew only for what it does not read again by itself.
            set -euo pipefail
            cd "$(dirname "$0")"
            root=${MARTLET_ROOT:-} # empty, but in tests
            to=$root\(installed)
            roles="\(roles)"
            for role in $roles; do
                if ! getent group "martlet-$role" >/dev/null || [ ! -e "$root/usr/lib/systemd/system/martlet-$role.service" ]; then
                    echo "install the package martlet first: this machine has no martlet-$role" >&2
                    exit 1
                fi
            done
            install -d -m 0755 "$to"
            for role in $roles; do
                changed=
                while read -r folder; do
                    install -d -m 0750 -o root -g "martlet-$role" "$to/$folder"
                done < <(find "$role" -type d)
                while read -r file; do
                    ! cmp -s "$file" "$to/$file" || continue
                    install -m 0640 -o root -g "martlet-$role" "$file" "$to/$file.new"
                    mv "$to/$file.new" "$to/$file"
                    echo "wrote $to/$file"
                    case ${file#"$role"/} in server.crt | server.key | web.yml) ;; *) changed=yes ;; esac
                done < <(find "$role" -type f ! -name '.*' ! -name '*.tmp')
                unit="$root/etc/systemd/system/martlet-$role.service.d/50-site.conf"
                text="[Service]"$'\\n'"EnvironmentFile=\(installed)/$role/flags.env"
                if [ "$(cat "$unit" 2>/dev/null)" != "$text" ]; then
                    mkdir -p "${unit%/*}"
                    echo "$text" >"$unit"
                    changed=yes
                fi
                if [ "$changed" ]; then
                    systemctl daemon-reload
                    systemctl enable -q "martlet-$role"
                    systemctl restart "martlet-$role"
                    echo "started martlet-$role"
                fi
            done

            """
    }
}
