/// Names of attributes that describe a resource: OpenTelemetry's exporters to Zipkin send them as tags of every span
/// (OpenTelemetry semantic conventions 1.6.1, "Resource", and what OpenCensus had).
enum ZipkinResource {
    static let names: Set<ByteString> = {
        let families: [String: [String]] = [
            "aws.ecs": [
                "container.arn", "cluster.arn", "launchtype", "task.arn", "task.family", "task.revision",
            ],
            "aws.eks": ["cluster.arn"],
            "aws.log": ["group.names", "group.arns", "stream.names", "stream.arns"],
            "cloud": ["provider", "account.id", "region", "availability_zone", "platform"],
            "container": ["name", "id", "runtime", "image.name", "image.tag"],
            "deployment": ["environment"],
            "device": ["id", "model.identifier", "model.name", "manufacturer"],
            "faas": ["name", "id", "version", "instance", "max_memory"],
            "host": ["id", "name", "type", "arch", "image.name", "image.id", "image.version"],
            "k8s": [
                "cluster.name", "node.name", "node.uid", "namespace.name", "pod.uid", "pod.name", "container.name",
                "container.restart_count", "replicaset.uid", "replicaset.name", "deployment.uid", "deployment.name",
                "statefulset.uid", "statefulset.name", "daemonset.uid", "daemonset.name", "job.uid", "job.name",
                "cronjob.uid", "cronjob.name",
            ],
            "os": ["type", "description", "name", "version"],
            "process": [
                "pid", "executable.name", "executable.path", "command", "command_line", "command_args", "owner",
                "runtime.name", "runtime.version", "runtime.description",
            ],
            "service": ["name", "namespace", "instance.id", "version"],
            "telemetry": ["sdk.name", "sdk.language", "sdk.version", "auto.version"],
            "webengine": ["name", "version", "description"],
            "opencensus": ["starttime", "exporterversion", "resourcetype"],
        ]
        return Set(families.flatMap { family, names in names.map { ByteString("\(family).\($0)") } })
    }()
}
