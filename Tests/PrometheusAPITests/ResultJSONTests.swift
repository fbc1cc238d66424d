import MetricsModel
import NIOCore
import Testing

@testable import PromQL
@testable import PrometheusAPI

@Suite struct ResultJSONTests {
    @Test(arguments: [
        (Histogram(), #"{"count":"0","sum":"0"}"#),
        (
            Histogram(zeroThreshold: 0.001, zeroCount: 2, count: 10, sum: 3.5),
            #"{"count":"10","sum":"3.5","buckets":[[3,"-0.001","0.001","2"]]}"#
        ),
        (
            Histogram(
                zeroThreshold: 0.001,
                zeroCount: 2,
                count: 10.5,
                sum: .nan,
                positive: .init(indexes: [0, 1, 3], counts: [8, 0, 0.5]),
                negative: .init(indexes: [0, 2], counts: [1, 4])
            ),
            #"{"count":"10.5","sum":"NaN","buckets":[[1,"-4","-2","4"],[1,"-1","-0.5","1"],"#
                + #"[3,"-0.001","0.001","2"],[0,"0.5","1","8"],[0,"4","8","0.5"]]}"#
        ),
        (
            Histogram(
                schema: Histogram.customSchema,
                count: 6,
                sum: -1,
                positive: .init(indexes: [0, 1, 2], counts: [1, 2, 3]),
                customBounds: [-1, 5]
            ),
            #"{"count":"6","sum":"-1","buckets":[[3,"-Inf","-1","1"],[0,"-1","5","2"],"#
                + #"[0,"5","+Inf","3"]]}"#
        ),
    ])
    func `a histogram is its count, its sum and its buckets`(histogram: Histogram, text: String) {
        var json = JSONBuffer()
        HistogramJSON.write(histogram, to: &json)
        #expect(String(buffer: json.bytes) == text)
    }

    private static let histogram = Histogram(count: 1, sum: 2)
    private static let text = #"{"count":"1","sum":"2"}"#

    @Test func `a vector has floats and histograms`() throws {
        let value = QueryResult.Value.vector([
            .init(labels: ["a": "1"], timestamp: 1500, value: .float(7)),
            .init(labels: ["a": "2"], timestamp: 1500, value: .histogram(Self.histogram)),
        ])
        #expect(
            try Self.answer(value)
                == #""vector","result":[{"metric":{"a":"1"},"value":[1.500,"7"]},"#
                + #"{"metric":{"a":"2"},"histogram":[1.500,"# + Self.text + "]}]}}"
        )
    }

    @Test(arguments: [
        (
            floats: [1000, 2000], histograms: [3000],
            #","values":[[1,"0"],[2,"0"]],"histograms":[[3,HIST]]"#
        ),
        (floats: [1000], histograms: [], #","values":[[1,"0"]]"#),
        (floats: [], histograms: [3000, 4000], #","histograms":[[3,HIST],[4,HIST]]"#),
    ])
    func `a series has floats, histograms or both, and no empty list`(
        floats: [Int64],
        histograms: [Int64],
        members: String
    ) throws {
        let value = QueryResult.Value.matrix([
            .init(
                labels: [:],
                timestamps: floats,
                values: floats.map { _ in 0 },
                histograms: HistogramColumns(
                    timestamps: histograms,
                    values: histograms.map { _ in Self.histogram }
                )
            )
        ])
        #expect(
            try Self.answer(value) == #""matrix","result":[{"metric":{}"#
                + members.replacing("HIST", with: Self.text) + "}]}}"
        )
    }

    @Test func `writing ends within ten thousand points when it is told to`() {
        let times = (0..<50_000).map { Int64($0) }
        let series = QueryResult.ResultSeries(
            labels: ["__name__": "long"],
            timestamps: times,
            values: times.map(Double.init),
            histograms: HistogramColumns()
        )
        let result = QueryResult(
            value: .matrix([series]),
            warnings: [],
            infos: [],
            statistics: QueryStatistics()
        )
        var asked = 0
        #expect(throws: CancellationError.self) {
            try ResultJSON.write(result, limit: 0, statistics: .none) {
                asked += 1
                if asked == 4 { throw CancellationError() }
            }
        }
        #expect(asked == 4)
    }

    /// What follows the key `resultType`.
    private static func answer(_ value: QueryResult.Value) throws -> String {
        let result = QueryResult(
            value: value,
            warnings: [],
            infos: [],
            statistics: QueryStatistics()
        )
        let json = try ResultJSON.write(result, limit: 0, statistics: .none)
        return String(
            String(buffer: json.bytes).dropFirst(
                #"{"status":"success","data":{"resultType":"#.utf8.count
            )
        )
    }
}
