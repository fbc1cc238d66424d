public import CoreMetrics
import Synchronization

/// The metrics of this process: a backend of swift-metrics that `/metrics` is rendered from.
///
/// Handlers with the same name and labels share one series. A name has one kind; a handler of
/// another kind under the same name works but is not exposed, and is counted as dropped. So are
/// series past the bound of a name.
public final class PrometheusMetricsRegistry: MetricsFactory, Sendable {
    /// Counts what was asked for but is not exposed.
    public static let droppedSeriesName = "engram_telemetry_series_dropped_total"

    private struct Family {
        let kind: MetricFamily.Kind
        var series: [[MetricLabel]: any MetricSeriesStorage] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var descriptions: [String: MetricDescription] = [
            droppedSeriesName: MetricDescription(
                help: "Series that are not exposed: too many of one name, or another kind."
            )
        ]
        var collectors: [@Sendable () -> [MetricFamily]] = []
    }

    /// Series one name may have.
    public let maxSeriesPerName: Int
    private let state = Mutex(State())
    private let dropped = CounterSeries()

    public init(maxSeriesPerName: Int = 20_000) { self.maxSeriesPerName = maxSeriesPerName }

    /// Adds help texts and buckets by metric name; buckets apply to series made afterwards.
    public func describe(_ descriptions: [String: MetricDescription]) {
        state.withLock { $0.descriptions.merge(descriptions) { _, new in new } }
    }

    /// Adds families that are computed when somebody looks; the closure must not block for long.
    ///
    /// Names must differ from those of handlers and of other collectors.
    public func addCollector(_ collect: @escaping @Sendable () -> [MetricFamily]) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// Everything now, families by name and series by labels.
    public func families() -> [MetricFamily] {
        let (live, descriptions, collectors) = state.withLock { state in
            (state.families, state.descriptions, state.collectors)
        }
        var families = live.map { name, family in
            MetricFamily(
                name: name,
                help: descriptions[name]?.help ?? "",
                kind: family.kind,
                series: family.series
                    .sorted { $0.key.lexicographicallyPrecedes($1.key) }
                    .flatMap { labels, series in series.lines(labels: labels) }
            )
        }
        for collect in collectors {
            families += collect().map { family in
                var family = family
                if family.help.isEmpty { family.help = descriptions[family.name]?.help ?? "" }
                return family
            }
        }
        families.append(
            MetricFamily(
                name: Self.droppedSeriesName,
                help: descriptions[Self.droppedSeriesName]?.help ?? "",
                kind: .counter,
                series: dropped.lines(labels: [])
            )
        )
        return families.sorted { $0.name < $1.name }
    }

    /// The body of `/metrics`.
    public func render() -> String { PrometheusText.render(families()) }

    /// Everything as single samples, as a tenant would send them.
    public func samples() -> [(name: String, labels: [MetricLabel], value: Double)] {
        families().flatMap { family in
            family.series.map { (family.name + $0.suffix, $0.labels, $0.value.asDouble) }
        }
    }

    // MARK: swift-metrics

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { _ in CounterSeries() }
    }

    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter) { _ in CounterSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { _ in GaugeSeries() }
    }

    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions, .gauge) { _ in GaugeSeries() } }
        return series(label, dimensions, .histogram) { HistogramSeries(bounds: $0) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram) { HistogramSeries(bounds: $0) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }

    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        remove(handler)
    }

    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }

    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }

    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// Finds or makes a series; one that cannot be exposed is made all the same and counted.
    private func series<Storage: MetricSeriesStorage>(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: MetricFamily.Kind,
        make: (_ bounds: [Double]) -> Storage
    ) -> Storage {
        let name = MetricName.metric(label)
        let labels = Dictionary(dimensions.map { (MetricName.label($0), $1) }) { _, last in last }
            .map { MetricLabel($0, $1) }.sorted()
        return state.withLock { state in
            let bounds = state.descriptions[name]?.buckets ?? MetricDescription.secondsBuckets
            var family = state.families[name] ?? Family(kind: kind)
            if family.kind == kind, let known = family.series[labels] as? Storage { return known }
            let fresh = make(bounds)
            guard family.kind == kind, family.series.count < maxSeriesPerName else {
                dropped.increment(by: Int64(1))
                return fresh
            }
            // Taken out of the dictionary first, so that adding a series copies nothing.
            state.families[name] = nil
            family.series[labels] = fresh
            state.families[name] = family
            return fresh
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let labels = family.series.first(where: { $0.value === handler })?.key else {
                    continue
                }
                state.families[name]?.series[labels] = nil
                return
            }
        }
    }
}
