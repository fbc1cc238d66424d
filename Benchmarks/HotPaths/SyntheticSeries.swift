import MetricsModel

/// Series as a Kubernetes cluster has them: ten labels, about 264 bytes of them; 100 metrics a pod.
enum SyntheticSeries {
    /// Metrics of each pod.
    static let metricCount = 100
    static let jobCount = 20

    /// The labels of one series; neighbours are metrics of one pod.
    static func labels(_ index: Int) -> Labels {
        let (pod, metric) = index.quotientAndRemainder(dividingBy: metricCount)
        return labels(metric: metricName(metric), pod: pod)
    }

    static func labels(metric: String, pod: Int) -> Labels {
        let job = "payments-\(job(ofPod: pod))"
        return [
            "__name__": metric,
            "cluster": "eu-west-1",
            "container": "payments-api",
            "endpoint": "metrics",
            "instance": "10.24.\(pod / 250 % 250).\(pod % 250):9090",
            "job": job,
            "namespace": "shop-payments",
            "node": "worker-\(pod / 30).internal",
            "pod": podName(pod),
            "service": "payments-api",
        ]
    }

    static func metricName(_ metric: Int) -> String { "http_requests_total_\(metric)" }

    /// The number of the job that a pod belongs to, below ``jobCount``.
    static func job(ofPod pod: Int) -> Int { pod % jobCount }

    static func podName(_ pod: Int) -> String {
        "payments-api-\(String(1_000_003 &* (pod + 7) % 0xfff_ffff, radix: 36))-\(pod)"
    }
}
