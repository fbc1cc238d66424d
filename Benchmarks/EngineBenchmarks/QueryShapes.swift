/// The shapes of queries that dashboards and alerts over a mesh send, over ``Mesh/standard``.
///
/// Expected of each: 4 ns for every sample, decoded from chunks of 120, and 2.5 ns more where a window
/// function goes over it; 8 ns for every point, as its window is moved, computed and folded; 1 µs for every
/// series, as its labels are hashed and its group is found. An answer with one series for each that is read
/// takes 1 µs more of them.
enum QueryShapes {
    static func register() {
        for shape in instant + range { measure(shape) }
    }

    private typealias Shape = (name: String, times: QueryTimes, query: String)

    private static func measure(_ shape: Shape) {
        measureQuery(shape.name) {
            try QueryFixture(shape.query, at: shape.times, over: Mesh.standard.series)
        }
    }

    private static let buckets = "istio_request_duration_milliseconds_bucket"
    private static let rateByService =
        "sum by (destination_service) (rate(istio_requests_total[5m]))"
    private static let p99ByWorkload = """
        histogram_quantile(0.99, sum by (le, destination_workload) (rate(\(buckets)[5m])))
        """

    private static let instant: [Shape] = [
        ("instant one series", .instant, #"node_load1{instance="192.168.0.0:9100"}"#),
        ("instant info all", .instant, "kube_pod_info"),
        (
            "instant count by, name by regex", .instant,
            #"count by (namespace) (container_memory_rss{container!~"istio-proxy|POD"})"#
        ),
        ("instant rate by service", .instant, rateByService),
        (
            "instant success ratio", .instant,
            """
            sum by (destination_workload) (rate(istio_requests_total{reporter="destination",\
            response_code!~"5.."}[5m])) / sum by (destination_workload) \
            (rate(istio_requests_total{reporter="destination"}[5m]))
            """
        ),
        ("instant p99 by workload", .instant, p99ByWorkload),
        (
            "instant topk pods cpu", .instant,
            "topk(10, sum by (pod) (rate(container_cpu_usage_seconds_total[5m])))"
        ),
        (
            "instant join pod info", .instant,
            """
            sum by (node) (rate(container_cpu_usage_seconds_total[5m]) \
            * on (namespace, pod) group_left (created_by_name) kube_pod_info)
            """
        ),
        (
            "instant subquery max", .instant,
            "max_over_time(sum by (reporter) (rate(istio_requests_total[5m]))[1h:1m])"
        ),
        (
            "instant quantile_over_time", .instant,
            """
            quantile_over_time(0.95, \
            container_memory_working_set_bytes{container="istio-proxy"}[1h])
            """
        ),
        (
            "instant increase 1d", .instant,
            """
            sum by (destination_service) \
            (increase(istio_requests_total{response_code="200"}[1d]))
            """
        ),
        ("instant count everything", .instant, #"count({__name__=~".+"})"#),
        (
            "instant count by metric", .instant,
            #"topk(20, count by (__name__) ({__name__=~".+"}))"#
        ),
    ]

    private static let hour: Int64 = 3600

    private static let range: [Shape] = [
        (
            "1h one workload", .range(hour, step: 15),
            """
            sum by (response_code) \
            (rate(istio_requests_total{destination_workload="checkout-v1"}[5m]))
            """
        ),
        ("1h rate by service", .range(hour, step: 15), rateByService),
        ("1h p99 by workload", .range(hour, step: 30), p99ByWorkload),
        ("6h rate by service", .range(6 * hour, step: 60), rateByService),
        (
            "6h p50 one workload", .range(6 * hour, step: 60),
            """
            histogram_quantile(0.5, sum by (le) \
            (rate(\(buckets){destination_workload="checkout-v1"}[5m])))
            """
        ),
        ("6h p99 by workload", .range(6 * hour, step: 60), p99ByWorkload),
        (
            "6h raw gauges", .range(6 * hour, step: 60),
            #"container_memory_working_set_bytes{container="istio-proxy"}"#
        ),
        (
            "6h error ratio", .range(6 * hour, step: 60),
            """
            sum(rate(istio_requests_total{response_code=~"5.."}[5m])) \
            / sum(rate(istio_requests_total[5m]))
            """
        ),
        ("6h topk services", .range(6 * hour, step: 60), "topk(5, \(rateByService))"),
        (
            "24h rate total", .range(24 * hour, step: 60),
            #"sum(rate(istio_requests_total{reporter="destination"}[5m]))"#
        ),
        ("24h rate by service", .range(24 * hour, step: 60), rateByService),
        (
            "24h node cpu", .range(24 * hour, step: 60),
            #"1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))"#
        ),
        (
            "24h avg_over_time", .range(24 * hour, step: 300),
            "sum by (namespace) (avg_over_time(container_memory_working_set_bytes[10m]))"
        ),
    ]
}
