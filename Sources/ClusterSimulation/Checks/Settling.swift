internal import ClusterInterface
internal import Distribution
internal import Ingestion
internal import MetricsModel
internal import Querying

/// What must hold once everything is put right.
extension SimulatedCluster {
    /// Time in which everything serves again: heartbeats, polls and replays, with their waits after failures.
    private static let recoverySeconds: Int64 = 90
    /// Time in which all windows that are over are in blocks: the longest wait after failed flushes, and both parts.
    private static let flushSeconds: Int64 = 400

    func settle() {
        serveAgain()
        guard failures.isEmpty else { return }
        storeEverything()
        guard failures.isEmpty else { return }
        hasLostWitness = false
        askAll("after all windows were stored")
        guard failures.isEmpty else { return }
        mergeDays()
        askAll("after days were merged")
    }

    /// Liveness: every process takes and answers requests again.
    private func serveAgain() {
        run(forSeconds: Self.recoverySeconds)
        guard failures.isEmpty else { return }
        for machine in machines where !machine.isServing && !machine.hasLeft {
            return fail(
                "\(machine.name) does not serve \(Self.recoverySeconds) s after all was put right"
            )
        }
        for client in clients {
            for distributor in distributors {
                let isWritten = perform(withinSeconds: 60) {
                    await client.write(tries: 1, to: distributor)
                }
                guard failures.isEmpty else { return }
                guard isWritten == true else {
                    return fail("\(distributor.name) takes no write after all was put right")
                }
            }
        }
        askAll("after all was put right")
    }

    /// Every querier answers every tenant; what it answers is checked.
    private func askAll(_ when: String) {
        for client in clients {
            for querier in queriers {
                let isAnswered = perform(withinSeconds: 90) { await client.query(to: querier) }
                guard failures.isEmpty else { return }
                guard isAnswered == true else {
                    return fail("\(querier.name) answers no query \(when)")
                }
            }
        }
    }

    /// Liveness of flushes: every ingester stores what it holds, in the end on its own.
    private func storeEverything() {
        let window = settings.ingestion.blockDuration / 1000
        run(forSeconds: window + Self.flushSeconds)
        guard failures.isEmpty else { return }
        for machine in machines where machine.isServing {
            let limit = 2 * window + Self.flushSeconds
            guard let age = machine.ingester?.unstoredAge, age <= limit * 1000 else {
                return fail(
                    "\(machine.name) holds samples that it took longer than \(limit) s ago and has not stored"
                )
            }
        }
        for client in clients { checkPublished(client) }
    }

    /// The bound on what ingesters store: where all goes well each sample once, else each replica's copy, and those again
    /// that a crash made them forget to have stored.
    private func checkPublished(_ client: Client) {
        let isUndisturbed = faults.isEmpty && figures.deletions == 0
        let limit = client.model.count * (isUndisturbed ? 1 : settings.replicationFactor + 2)
        let published = database.publishedSamples[client.tenant, default: 0]
        guard published > limit else { return }
        fail(
            "ingesters stored \(published) samples of \(client.tenant), \(limit) at most were expected"
        )
    }

    /// The bound on stored samples: once a day is settled its blocks hold each sample once.
    private func mergeDays() {
        run(forSeconds: 240)
        guard failures.isEmpty else { return }
        figures.blocksStored = database.liveRecords.count
        let midnight = simulator.wallClock - simulator.wallClock % 86_400_000
        for client in clients {
            let sent = client.model.series.reduce(0) { $0 + $1.keys.count { $0 < midnight } }
            let records = database.liveRecords.filter { $0.tenant == client.tenant }
            let stored = records.filter { $0.range.start < midnight }.reduce(0) {
                $0 + $1.sampleCount
            }
            guard stored <= sent else {
                return fail(
                    "\(client.tenant) has \(stored) samples of the day that is over in blocks, "
                        + "and sent \(sent): \(records)"
                )
            }
            let waiting = database.rows.values.filter {
                $0.block.record.tenant == client.tenant && !$0.isLive
                    && ($0.removeAfter ?? .max) < database.now - 200_000
            }
            guard waiting.isEmpty else {
                return fail("\(client.tenant) has \(waiting.count) retired blocks past their time")
            }
        }
    }
}
