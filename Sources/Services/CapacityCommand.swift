internal import CapacityPlanning
internal import ServiceSupport

/// What `engram capacity` is asked.
struct CapacityCommand: Equatable {
    static let usage = """
        Usage: engram capacity [--series N]... [--interval SECONDS] [--replication-factor N] [--retention DAYS]
                               [--tenants N] [--shard-size N]

        Says what a cluster needs for that many active series: processes, memory, network, and what the database has
        to take; without --series, for 100,000 to a billion. The figures behind it are in docs/scaling.md.

        """

    /// One for each number of series.
    var loads: [ClusterLoad] = []

    init(arguments: [String]) throws(CommandUsageError) {
        var series: [Double] = []
        var load = ClusterLoad(activeSeries: 1)
        var left = arguments[...]
        while let argument = left.popFirst() {
            func number(_ range: ClosedRange<Double>) throws(CommandUsageError) -> Double {
                guard let value = left.popFirst().flatMap(Double.init), range.contains(value) else {
                    throw CommandUsageError(
                        "\(argument) needs a number from \(range.lowerBound) to \(range.upperBound)"
                    )
                }
                return value
            }
            switch argument {
            case "--series": series.append(try number(1...1e12))
            case "--interval": load.scrapeInterval = try number(1...3600)
            case "--replication-factor": load.replicationFactor = Int(try number(1...8))
            case "--retention": load.retentionDays = try number(1...36_500)
            case "--tenants": load.tenants = try number(1...1e7)
            case "--shard-size": load.shardSize = try number(1...10_000)
            default: throw CommandUsageError("\(argument) is no option")
            }
        }
        if series.isEmpty { series = [1e5, 1e6, 1e7, 1e8, 1e9] }
        for count in series {
            load.activeSeries = count
            loads.append(load)
        }
    }
}

extension Subcommands {
    /// Prints what a cluster of a given size needs.
    static func capacity(_ arguments: [String]) -> ExitCode {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(CapacityCommand.usage, terminator: "")
            return .success
        }
        do {
            let command = try CapacityCommand(arguments: arguments)
            print(CapacityTable(command.loads.map { CapacityModel(load: $0) }).text, terminator: "")
            return .success
        } catch {
            StandardError.write("engram capacity: \(error)\n\(CapacityCommand.usage)")
            return .usage
        }
    }
}
