import CoreMetrics
import ServiceSupport
import Testing

@Suite struct PrometheusMetricsRegistryTests {
    private let registry = PrometheusMetricsRegistry()

    /// The exposition without the registry's own counter.
    private func rendered() -> String {
        PrometheusText.render(
            registry.families().filter {
                $0.name != PrometheusMetricsRegistry.droppedSeriesName
            }
        )
    }

    private func dropped(_ registry: PrometheusMetricsRegistry) -> Double? {
        registry.samples().first { $0.name == PrometheusMetricsRegistry.droppedSeriesName }?.value
    }

    @Test func `the exposition is exactly this`() {
        registry.describe([
            "engram_querier_query_duration_seconds": MetricDescription(
                help: "How long queries take.",
                buckets: [0.1, 1, 2.5]
            ),
            "engram_distributor_samples_received_total": MetricDescription(
                help: "Samples received;\nwith \"quotes\" and a \\."
            ),
        ])
        let received = "engram_distributor_samples_received_total"
        Counter(label: received, dimensions: [("tenant", "b\"\\\n")], factory: registry)
            .increment(by: 3)
        Counter(label: received, dimensions: [("tenant", "a")], factory: registry).increment()
        Gauge(label: "engram_ring_members", dimensions: [("state", "ACTIVE")], factory: registry)
            .record(3)
        let timer = Timer(
            label: "engram_querier_query_duration_seconds",
            dimensions: [("status", "ok"), ("kind", "range")],
            factory: registry
        )
        timer.recordMilliseconds(100)
        timer.recordSeconds(2)
        timer.recordSeconds(100)
        Meter(label: "ratio", factory: registry).set(-0.25)
        #expect(
            rendered() == """
                # HELP engram_distributor_samples_received_total Samples received;\\nwith "quotes" \
                and a \\\\.
                # TYPE engram_distributor_samples_received_total counter
                engram_distributor_samples_received_total{tenant="a"} 1
                engram_distributor_samples_received_total{tenant="b\\"\\\\\\n"} 3
                # HELP engram_querier_query_duration_seconds How long queries take.
                # TYPE engram_querier_query_duration_seconds histogram
                engram_querier_query_duration_seconds_bucket{kind="range",status="ok",le="0.1"} 1
                engram_querier_query_duration_seconds_bucket{kind="range",status="ok",le="1"} 1
                engram_querier_query_duration_seconds_bucket{kind="range",status="ok",le="2.5"} 2
                engram_querier_query_duration_seconds_bucket{kind="range",status="ok",le="+Inf"} 3
                engram_querier_query_duration_seconds_sum{kind="range",status="ok"} 102.1
                engram_querier_query_duration_seconds_count{kind="range",status="ok"} 3
                # TYPE engram_ring_members gauge
                engram_ring_members{state="ACTIVE"} 3
                # TYPE ratio gauge
                ratio -0.25

                """
        )
    }

    @Test func `increments from many tasks are all counted`() async {
        let registry = registry
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "whole_total", factory: registry)
                    let fractions = FloatingPointCounter(label: "parts_total", factory: registry)
                    let sizes = Recorder(label: "sizes_bytes", factory: registry)
                    let level = Meter(label: "level", factory: registry)
                    for _ in 0..<2000 {
                        counter.increment()
                        fractions.increment(by: 0.25)
                        sizes.record(2)
                        level.increment()
                    }
                }
            }
        }
        let values = Dictionary(
            registry.samples().filter { $0.labels.isEmpty }.map { ($0.name, $0.value) }
        ) { first, _ in first }
        #expect(values["whole_total"] == 16_000)
        #expect(values["parts_total"] == 4000)
        #expect(values["sizes_bytes_count"] == 16_000)
        #expect(values["sizes_bytes_sum"] == 32_000)
        #expect(values["level"] == 16_000)
    }

    @Test func `counters stay exact past the integers a float64 holds`() {
        let counter = Counter(label: "big_total", factory: registry)
        counter.increment(by: 9_007_199_254_740_992)
        counter.increment()
        #expect(rendered().contains("\nbig_total 9007199254740993\n"))
    }

    @Test func `counters only grow`() {
        let counter = registry.makeCounter(label: "a_total", dimensions: [])
        counter.increment(by: 5)
        counter.increment(by: -3)
        let fractions = registry.makeFloatingPointCounter(label: "b_total", dimensions: [])
        for amount in [1.5, -1, .nan, .infinity] { fractions.increment(by: amount) }
        #expect(rendered().contains("\na_total 5\n"))
        #expect(rendered().contains("\nb_total 1.5\n"))
        counter.reset()
        #expect(rendered().contains("\na_total 0\n"))
    }

    @Test func `handlers of one name and one set of labels share a series`() {
        let one = registry.makeCounter(label: "x_total", dimensions: [("a", "1"), ("b", "2")])
        let two = registry.makeCounter(label: "x_total", dimensions: [("b", "2"), ("a", "1")])
        #expect(one === two)
        one.increment(by: 1)
        registry.makeFloatingPointCounter(label: "x_total", dimensions: [("a", "1"), ("b", "2")])
            .increment(by: 0.5)
        #expect(rendered() == "# TYPE x_total counter\nx_total{a=\"1\",b=\"2\"} 1.5\n")
    }

    @Test func `series past the bound of a name work but are not exposed`() {
        let small = PrometheusMetricsRegistry(maxSeriesPerName: 2)
        for tenant in ["a", "b", "c", "d"] {
            Counter(label: "x_total", dimensions: [("tenant", tenant)], factory: small).increment()
        }
        Counter(label: "x_total", dimensions: [("tenant", "b")], factory: small).increment()
        Counter(label: "y_total", factory: small).increment()
        let exposed = small.samples().filter { $0.name == "x_total" }
        #expect(
            exposed.map(\.labels) == [[MetricLabel("tenant", "a")], [MetricLabel("tenant", "b")]]
        )
        #expect(exposed.map(\.value) == [1, 2])
        #expect(small.samples().contains { $0.name == "y_total" })
        #expect(dropped(small) == 2)
    }

    @Test func `a name has one kind`() {
        Counter(label: "x", factory: registry).increment()
        Meter(label: "x", factory: registry).set(7)
        #expect(rendered() == "# TYPE x counter\nx 1\n")
        #expect(dropped(registry) == 1)
    }

    @Test func `a destroyed series goes and its room is free again`() {
        let small = PrometheusMetricsRegistry(maxSeriesPerName: 1)
        let first = Counter(label: "x_total", dimensions: [("tenant", "a")], factory: small)
        first.destroy()
        Counter(label: "x_total", dimensions: [("tenant", "b")], factory: small).increment()
        #expect(small.samples().filter { $0.name == "x_total" }.map(\.value) == [1])
        #expect(dropped(small) == 0)
    }

    @Test(arguments: [
        ("hb.requests", "hb_requests"), ("a-b", "a_b"), ("7up", "_7up"), ("a:b", "a:b"), ("", "_"),
    ])
    func `names of libraries become valid`(label: String, name: String) {
        Counter(label: label, dimensions: [("status.code", "1")], factory: registry).increment()
        #expect(rendered() == "# TYPE \(name) counter\n\(name){status_code=\"1\"} 1\n")
    }

    @Test func `collectors are asked at each look and get their help from the table`() {
        registry.describe(["engram_heads": MetricDescription(help: "Heads in memory.")])
        registry.addCollector {
            [
                MetricFamily(
                    name: "engram_heads",
                    help: "",
                    kind: .gauge,
                    series: [.init(value: .integer(4))]
                )
            ]
        }
        #expect(
            rendered() == "# HELP engram_heads Heads in memory.\n# TYPE engram_heads gauge\n"
                + "engram_heads 4\n"
        )
    }

    @Test(arguments: [
        (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e21, "1e+21"),
        (0.1 + 0.2, "0.30000000000000004"), (-0.0, "-0"),
    ])
    func `special numbers are written as the format wants`(value: Double, text: String) {
        Meter(label: "x", factory: registry).set(value)
        #expect(rendered() == "# TYPE x gauge\nx \(text)\n")
    }
}
