import MetricsModel

/// The series of a Kubernetes cluster with an Istio mesh: about 138 for each pod.
///
/// Requests and their durations have the 16 labels that Istio gives them; each pod reports two edges as
/// destination and two as source.
struct Mesh {
    private(set) var series: [SeriesGenerator] = []
    private var nextSeed: UInt64 = 1

    /// Services, each with four pods, twelve pods to a node.
    static let serviceNames = [
        "checkout", "cart", "catalog", "payment", "shipping", "search", "users", "reviews",
        "ads", "currency", "email", "inventory", "gateway", "ratings", "orders", "pricing",
    ]
    /// Upper bounds of latency buckets, ms; the last is +Inf.
    private static let bounds = [
        "0.5", "1", "5", "10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000",
        "30000", "60000", "300000", "600000", "1.8e+06", "3.6e+06", "+Inf",
    ]
    private static let podsPerNode = 12

    /// A mesh of 64 pods: 1024 series of requests and 5120 of latency buckets.
    static let standard = Mesh(podCount: 64)

    init(podCount: Int) {
        for pod in 0..<podCount {
            if pod % Self.podsPerNode == 0 { addNode(pod / Self.podsPerNode) }
            addPod(pod)
        }
    }

    private mutating func add(
        _ values: ValueKind,
        _ labels: [(String, String)],
        seed: UInt64? = nil
    ) {
        series.append(
            SeriesGenerator(labels: Labels(labels), values: values, seed: seed ?? nextSeed)
        )
        nextSeed += 1
    }

    private mutating func addNode(_ node: Int) {
        let instance = "192.168.0.\(node):9100"
        add(
            .gauge(300),
            [("__name__", "node_load1"), ("instance", instance), ("job", "node-exporter")]
        )
        for cpu in 0..<4 {
            for (mode, share) in [
                ("idle", 0.7), ("user", 0.2), ("system", 0.08), ("iowait", 0.01), ("softirq", 0.01),
            ] {
                let labels = [
                    ("__name__", "node_cpu_seconds_total"), ("instance", instance),
                    ("job", "node-exporter"), ("node", "node-\(node)"), ("cpu", "\(cpu)"),
                    ("mode", mode),
                ]
                add(.floatCounter(share), labels)
            }
        }
    }

    private mutating func addPod(_ pod: Int) {
        let service = Service(pod % Self.serviceNames.count)
        let name =
            "\(service.workload)-7d9f8c6b5-\(String(1_000_003 &* (pod + 7) % 0xfff_ffff, radix: 36))"
        let target = [
            ("instance", "10.1.\(pod / 100).\(pod % 100):15020"), ("job", "istio-proxies"),
            ("pod", name),
        ]
        for edge in 0..<4 {
            let peer = Service((pod * 7 + edge * 3 + 1) % Self.serviceNames.count)
            addEdge(target, from: edge < 2 ? peer : service, to: edge < 2 ? service : peer, edge)
        }
        addContainers(pod, name, service)
        for number in 0..<24 {
            let labels = [
                ("__name__", "envoy_cluster_upstream_\(number % 12)"),
                ("cluster_name", "outbound|8080||\(number / 12)"), ("namespace", service.namespace),
            ]
            add(.counter(4), labels + target)
        }
    }

    /// The requests between two services as one of the pods reports them.
    private mutating func addEdge(
        _ target: [(String, String)],
        from source: Service,
        to destination: Service,
        _ edge: Int
    ) {
        let labels =
            target + [
                ("reporter", edge < 2 ? "destination" : "source"), ("edge", "\(edge)"),
                ("source_workload", source.workload),
                ("source_workload_namespace", source.namespace),
                ("destination_workload", destination.workload),
                ("destination_workload_namespace", destination.namespace),
                ("destination_service", destination.host),
                ("destination_service_name", destination.name),
                ("request_protocol", "http"), ("response_flags", "-"),
                ("connection_security_policy", edge < 2 ? "mutual_tls" : "unknown"),
            ]
        let rate = Double(2 + edge * 5)
        for (code, share) in [("200", 1), ("404", 0.05), ("500", 0.02), ("503", 0.01)] {
            let name = [("__name__", "istio_requests_total"), ("response_code", code)]
            add(.counter(rate * share), labels + name)
        }
        addDurations(labels + [("response_code", "200")], rate)
    }

    private mutating func addDurations(_ labels: [(String, String)], _ rate: Double) {
        let name = "istio_request_duration_milliseconds"
        let seed = nextSeed
        for (index, bound) in Self.bounds.enumerated() {
            let share = Double(index + 1) / Double(Self.bounds.count)
            let bucket = [("__name__", name + "_bucket"), ("le", bound)]
            add(.bucket(rate: rate, share: share), labels + bucket, seed: seed)
        }
        add(.bucket(rate: rate, share: 1), labels + [("__name__", name + "_count")], seed: seed)
        add(.floatCounter(rate * 40), labels + [("__name__", name + "_sum")])
    }

    private mutating func addContainers(_ pod: Int, _ name: String, _ service: Service) {
        let node = "node-\(pod / Self.podsPerNode)"
        for container in [service.name, "istio-proxy"] {
            let labels = [
                ("pod", name), ("container", container), ("namespace", service.namespace),
                ("node", node), ("instance", node + ":10250"), ("job", "kubelet"),
                ("image", "registry.example.com/\(container):v1.4.2"),
            ]
            add(.floatCounter(0.1), labels + [("__name__", "container_cpu_usage_seconds_total")])
            for metric in ["container_memory_working_set_bytes", "container_memory_rss"] {
                add(.gauge(1e8), labels + [("__name__", metric)])
            }
            add(.constant(12), labels + [("__name__", "container_threads")])
        }
        let kube = [
            ("pod", name), ("namespace", service.namespace), ("job", "kube-state-metrics"),
            ("instance", "10.0.0.9:8080"), ("node", node),
            ("created_by_name", service.workload + "-7d9f8c6b5"),
        ]
        add(.constant(1), kube + [("__name__", "kube_pod_info")])
    }

    private struct Service {
        let name: String
        let namespace: String
        let workload: String

        init(_ index: Int) {
            name = Mesh.serviceNames[index]
            namespace = "team-\(index / 6)"
            workload = "\(name)-v\(1 + index % 3)"
        }

        var host: String { "\(name).\(namespace).svc.cluster.local" }
    }
}
