import NIOCore
import PromQL
import Testing

@testable import PrometheusAPI

@Suite struct StatisticsTests {
    private static let statistics = QueryStatistics(
        totalQueryableSamples: 12,
        samplesRead: 7,
        peakSamples: 3,
        totalQueryableSamplesPerStep: [
            .init(timestamp: 1000, count: 5), .init(timestamp: 1500, count: 7),
        ],
        samplesReadPerStep: [.init(timestamp: 1000, count: 0)],
        timings: QueryTimings(
            evalTotal: .milliseconds(1500),
            resultSort: .zero,
            queryPreparation: .microseconds(12),
            innerEval: .nanoseconds(40),
            execQueue: .seconds(2),
            execTotal: .seconds(3.25)
        )
    )
    private static let timings =
        #","stats":{"timings":{"evalTotalTime":1.5,"resultSortTime":0,"#
        + #""queryPreparationTime":0.000012,"innerEvalTime":4e-08,"execQueueTime":2,"#
        + #""execTotalTime":3.25},"samples":{"#
    private static let totals = #""totalQueryableSamples":12,"samplesRead":7,"peakSamples":3}}"#

    private static func text(_ parameter: String?) -> String {
        var json = JSONBuffer()
        StatisticsJSON.write(statistics, .init(parameter: parameter), to: &json)
        return String(buffer: json.bytes)
    }

    @Test func `durations are numbers of seconds`() {
        #expect(Self.text("true") == Self.timings + Self.totals)
    }

    @Test func `all also tells what each step counted`() {
        #expect(
            Self.text("all") == Self.timings
                + #""totalQueryableSamplesPerStep":[[1,5],[1.500,7]],"samplesReadPerStep":[[1,0]],"#
                + Self.totals
        )
    }

    @Test func `nothing is told unasked`() {
        #expect(Self.text(nil).isEmpty)
    }
}
