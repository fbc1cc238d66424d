internal import Distribution
internal import MetricsModel
internal import PromQL
internal import Querying
internal import TestSupport

/// One tenant's senders and readers: writes, queries and deletions, and the checks of what comes back.
///
/// Sendable, since the thread of the simulation alone touches it; see ``Simulator``.
final class Client: @unchecked Sendable {
    let tenant: TenantID
    private(set) var model: SampleModel
    private let process: SimulatedProcess
    private let cluster: SimulatedCluster
    private var simulator: Simulator { cluster.simulator }
    private var nextValue: Double

    static let seriesCount = 4
    /// The series that gets samples of the past.
    private static let lateSeries = 3

    private struct Sample {
        var series: Int
        var timestamp: Int64
        var value: Double
    }

    init(tenant: TenantID, number: Int, in cluster: SimulatedCluster) {
        self.tenant = tenant
        self.cluster = cluster
        process = SimulatedProcess("client-\(tenant)", clockError: 0, in: cluster.simulator)
        model = SampleModel(seriesCount: Self.seriesCount)
        nextValue = Double(number) * 1_000_000
    }

    func start() {
        process.spawn { [self] in
            while (try? await process.sleep(simulator.chance.milliseconds(5000...9000))) != nil {
                guard cluster.isStorm else { continue }
                if simulator.chance.happens(25) {
                    await delete()
                } else {
                    _ = await write(tries: 4)
                }
            }
        }
        process.repeatedly(every: 8000...16_000) { [self] in
            guard cluster.isStorm else { return }
            _ = await query()
        }
    }

    func stop() { process.kill() }

    // MARK: Writes

    /// Sends a sample of each series, again where that fails.
    ///
    /// - Parameter distributor: Nil is any, another one each time.
    /// - Returns: Whether it was acknowledged.
    func write(tries: Int, to distributor: Endpoint<Distributor>? = nil) async -> Bool {
        let samples = newSamples()
        for sample in samples { model.noteSent(sample.series, sample.timestamp, sample.value) }
        let body = Self.body(samples)
        for attempt in 0..<tries {
            if attempt > 0 {
                guard (try? await process.sleep(simulator.chance.milliseconds(500...6000))) != nil
                else { return false }
            }
            let target = distributor ?? cluster.anyDistributor()
            do {
                let tenant = tenant
                let outcome = try await cluster.network.call(
                    from: process,
                    to: target,
                    within: .seconds(12)
                ) { [cluster] distributor in
                    try await distributor.push(
                        tenant: tenant,
                        body: body,
                        now: cluster.clock(of: target.name),
                        limits: WriteLimits()
                    )
                }
                // What is refused may be a sample that is there already, which the answer does not tell.
                guard outcome.refused.isEmpty else {
                    process.note("refused: \(outcome.message ?? "")")
                    return false
                }
                for sample in samples {
                    model.noteAcknowledged(sample.series, sample.timestamp, at: simulator.now)
                }
                cluster.figures.writesAcknowledged += 1
                cluster.figures.samplesAcknowledged += samples.count
                process.note("wrote \(samples[0].timestamp) through \(target.name)")
                return true
            } catch {
                cluster.figures.writesFailed += 1
                process.note(
                    "write \(samples[0].timestamp) through \(target.name) failed: \(error)"
                )
            }
        }
        return false
    }

    private func newSamples() -> [Sample] {
        let now = process.wallClock
        var samples = (0..<Self.lateSeries).map { series in
            nextValue += 1
            return Sample(series: series, timestamp: now, value: nextValue)
        }
        if simulator.chance.happens(200) {
            // Each time once: another value for it would be refused.
            let past = now - simulator.chance.number(in: 1...400_000)
            if model.series[Self.lateSeries][past] == nil {
                nextValue += 1
                samples.append(Sample(series: Self.lateSeries, timestamp: past, value: nextValue))
            }
        }
        return samples
    }

    private static func body(_ samples: [Sample]) -> [UInt8] {
        var writer = WireWriter()
        for sample in samples {
            writer.series(
                [("__name__", "simulated"), ("series", String(sample.series))],
                [(sample.timestamp, sample.value)]
            )
        }
        return writer.compressed
    }

    // MARK: Queries

    /// Asks for all samples of all series, and checks what is answered.
    ///
    /// - Returns: Whether there was an answer.
    func query(to querier: Endpoint<Querier>? = nil) async -> Bool {
        let target = querier ?? cluster.anyQuerier()
        let start = simulator.now
        let time = process.wallClock + 60_000
        let request = QueryRequest(
            tenants: TenantSet(tenant),
            text: "simulated[10h]",
            start: time,
            end: time,
            step: 0,
            features: .standard
        )
        do {
            let result = try await cluster.network.call(
                from: process,
                to: target,
                within: .seconds(60)
            ) { try await $0.query(request) }
            cluster.figures.queriesAnswered += 1
            process.note("query through \(target.name) is answered")
            await check(result, by: target.name, start: start, end: simulator.now)
            return true
        } catch {
            cluster.figures.queriesFailed += 1
            process.note("query through \(target.name) failed: \(error)")
            return false
        }
    }

    private func check(
        _ result: QueryResult,
        by querier: String,
        start: Int64,
        end: Int64
    ) async {
        guard case .matrix(let found) = result.value else {
            return cluster.fail("\(querier) answered something else than a matrix")
        }
        var answers = Array(
            repeating: [(timestamp: Int64, value: Double)](),
            count: Self.seriesCount
        )
        for series in found {
            guard let name = series.labels.value(of: "series"), let number = Int(name),
                answers.indices.contains(number), answers[number].isEmpty
            else {
                return cluster.fail("\(querier) answered the series \(series.labels) of nobody")
            }
            answers[number] = zip(series.timestamps, series.values).map { ($0, $1) }
        }
        for number in answers.indices {
            let fault = model.fault(
                of: answers[number],
                series: number,
                start: start,
                end: end,
                mayLack: cluster.hasLostWitness
            )
            guard let fault else { continue }
            let holders = await cluster.holders(of: fault.timestamps, series: number, of: tenant)
            return cluster.fail(
                "\(tenant), query through \(querier) since \(start / 1000) ms: \(fault.text); "
                    + "they are in \(holders)"
            )
        }
    }

    // MARK: Deletions

    /// Deletes a part of the past of one series, once nothing of it can be under way any more.
    private func delete() async {
        let number = simulator.chance.index(below: Self.lateSeries)
        let end = process.wallClock + 1
        let start = end - simulator.chance.number(in: 60_000...400_000)
        let pause = SimulatedNetwork.longestDelay * 3
        guard (try? await process.sleep(pause)) != nil else { return }
        let store = DatabaseClient(
            process: process,
            database: cluster.database,
            network: cluster.network
        )
        model.noteDeletion(number, start..<end, askedAt: simulator.now)
        do {
            _ = try await store.order(
                ["{__name__=\"simulated\",series=\"\(number)\"}"],
                of: tenant,
                in: TimeRange(start: start, end: end)
            )
            model.noteDeleted(number, start..<end, at: simulator.now)
            cluster.figures.deletions += 1
            process.note("deleted series \(number) from \(start) to \(end)")
        } catch {
            process.note("deletion of series \(number) may be lost: \(error)")
        }
    }
}
