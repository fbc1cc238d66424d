import MetricsModel

/// Series of one metric, numbered by pod, with the ten labels of a usual target.
enum NumberedSeries {
    static let jobCount = 20

    static func generators(_ metric: String, count: Int, _ values: ValueKind) -> [SeriesGenerator] {
        (0..<count).map { pod in
            SeriesGenerator(
                labels: labels(metric, pod: pod),
                values: values,
                seed: UInt64(pod + 1)
            )
        }
    }

    private static func labels(_ metric: String, pod: Int) -> Labels {
        [
            "__name__": metric,
            "cluster": "eu-west-1",
            "container": "payments-api",
            "endpoint": "metrics",
            "instance": "10.\(pod / 62_500).\(pod / 250 % 250).\(pod % 250):9090",
            "job": "payments-\(pod % jobCount)",
            "namespace": "shop-payments",
            "node": "worker-\(pod / 30).internal",
            "pod": "payments-api-\(String(1_000_003 &* (pod + 7) % 0xfff_ffff, radix: 36))-\(pod)",
            "service": "payments-api",
        ]
    }
}
