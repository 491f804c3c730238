// One executable for all roles: the name that it is started under chooses whose main runs, as BusyBox does it.
// SwiftPM gives the entry point of every executable target a name of its own, so that all fit into one link.

#include <string.h>

#define ROLES(role) \
    role(metrics) role(logs) role(traces) role(dashboards) role(alerts) role(agent)

#define DECLARE(role) int martlet_##role##_main(int count, char **arguments);
ROLES(DECLARE)
int martlet_main(int count, char **arguments);

int main(int count, char **arguments) {
    const char *path = count > 0 ? arguments[0] : "";
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
#define RUN(role) \
    if (strcmp(name, "martlet-" #role) == 0) return martlet_##role##_main(count, arguments);
    ROLES(RUN)
    return martlet_main(count, arguments);
}
