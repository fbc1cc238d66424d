import Foundation
import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct CardinalityTests {}
}

extension IntegrationTests.CardinalityTests {
    private static let seriesCount = 500

    private func push(to engram: EngramProcess) throws {
        var body = WriteRequestEncoder()
        for number in 0..<Self.seriesCount {
            let labels = Labels([
                ("__name__", "metric_\(number % 10)"), ("instance", "host-\(number / 10)"),
                ("job", number % 2 == 0 ? "even" : "odd"),
            ])
            body.add(labels, timestamp: Moment.now - Int64(number % 60) * 1000, value: 1)
        }
        let answer = try engram.send(.push(body))
        try #require(answer.status / 100 == 2, "\(answer.text)")
    }

    private func blocks(_ arguments: [String]) throws -> String {
        try Command.run([try Executable.engram.path, "blocks"] + arguments)
    }

    /// What a run that fails says on its standard output, and its exit status.
    private func failing(_ arguments: [String]) throws -> (output: String, status: String) {
        let script = "\"$@\" 2>/dev/null; echo \"exit $?\""
        let text = try Command.run(
            ["sh", "-c", script, "sh", try Executable.engram.path, "blocks"] + arguments
        )
        let lines = text.split(separator: "\n")
        return (lines.dropLast().joined(separator: "\n"), String(lines.last ?? ""))
    }

    @Test(.timeLimit(.minutes(2)))
    func `counts are exact and the same before and after a flush, and blocks verify`() throws {
        let engram = try EngramProcess.single()
        try push(to: engram)
        let path = "/prometheus/api/v1/status/tsdb?start=\((Moment.now - 3_600_000) / 1000)"
        let before = try engram.send(.get(path)).text
        #expect(before.contains("\"numSeries\":500,\"numLabelPairs\":62,"), "\(before)")
        #expect(before.contains("{\"name\":\"instance\",\"value\":50}"))
        #expect(before.contains("{\"name\":\"job=even\",\"value\":250}"))
        try engram.flush()
        func counts(_ text: String) -> Substring {
            text[(text.range(of: "\"seriesCountByMetricName\"")?.lowerBound ?? text.startIndex)...]
        }
        let after = try engram.send(.get(path)).text
        #expect(after.contains("\"numSeries\":500,\"numLabelPairs\":62,"), "\(after)")
        #expect(counts(after) == counts(before))
        let page = try engram.send(.get("/")).text
        #expect(page.contains("/prometheus/api/v1/status/tsdb"))

        let file = engram.folder.file("data") + "/engram.db"
        let store = ["--store-url", "sqlite:\(file)"]
        let list = try blocks(["list"] + store)
        #expect(list.contains("anonymous") && list.contains("BYTES/SAMPLE"), "\(list)")
        let lines = try blocks(["list", "--json"] + store).split(separator: "\n")
        #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("\"tenant\":\"anonymous\"") })
        let verified = try blocks(["verify"] + store)
        #expect(verified == "\(lines.count) blocks verified, 0 damaged\n")
        let dump = try blocks(["dump", "--tenant", "anonymous"] + store).split(separator: "\n")
        #expect(dump.count == Self.seriesCount)
        let structure = try blocks(["dump", "--directory"] + store)
        #expect(
            structure.contains("\ndirectory ") && structure.contains("\nlabels "),
            "\(structure)"
        )

        #expect(try engram.stop() == 0)
        try damage(file)
        let (output, status) = try failing(["verify"] + store)
        #expect(status == "exit 1")
        #expect(
            output.contains(" of tenant anonymous: section directory, page 0, offset 0: "),
            "\(output)"
        )
        #expect(output.hasSuffix("\(lines.count) blocks verified, 1 damaged"), "\(output)")
    }

    /// Flips a bit behind the header of the first block in a database file.
    private func damage(_ path: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let header = try #require(bytes.range(of: Data("EGBK".utf8) + Data([1, 0, 0, 0])))
        bytes[header.lowerBound + 30] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test func `a wrong command line and a store that is not there are told apart`() throws {
        #expect(try failing(["look"]).status == "exit 64")
        #expect(try failing(["list", "--block", "xyz"]).status == "exit 64")
        #expect(
            try failing(["verify", "--store-url", "sqlite:/nowhere/engram.db"]).status == "exit 1"
        )
        #expect(try failing(["list", "--store-url", "mysql:x"]).status == "exit 78")
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: ThrowawayPostgres.unavailableReason == nil))
    func `replicas count once, before and after a flush of a cluster, and its blocks verify`()
        throws
    {
        let tenant = "counted"
        let cluster = try LocalCluster()
        try cluster.awaitConnections(tenant: tenant)
        var body = WriteRequestEncoder()
        for number in 0..<Self.seriesCount {
            let labels = Labels([("__name__", "m"), ("n", "\(number)")])
            body.add(labels, timestamp: Moment.now - 1000, value: 1)
        }
        let push = HTTPRequest.push(body).with("X-Scope-OrgID", tenant)
        #expect(try cluster.distributors[0].send(push).status / 100 == 2)
        func ask() throws -> [String] {
            try cluster.queriers.map { querier in
                try querier.send(
                    HTTPRequest.get(
                        "/api/v1/cardinality/label_values?label_names[]=n&limit=1&selector=m"
                    ).with("X-Scope-OrgID", tenant)
                ).text
            }
        }
        let expected = """
            {"series_count_total":500,"labels":[{"label_name":"n","label_values_count":500,\
            "series_count":500,"cardinality":[{"label_value":"0","series_count":1}]}]}
            """
        #expect(try ask() == [expected, expected])
        try cluster.flush()
        #expect(try ask() == [expected, expected])

        let store = ["--store-url", cluster.storeURL]
        let verified = try blocks(["verify", "--tenant", tenant] + store)
        #expect(verified.hasSuffix(" blocks verified, 0 damaged\n") && !verified.hasPrefix("0 "))
        #expect(try blocks(["verify"] + store).hasSuffix(" blocks verified, 0 damaged\n"))
        try cluster.postgres.query(
            "begin; set local engram.all_tenants = 'on'; "
                + "update block_pages set data = set_byte(data, octet_length(data) - 1, "
                + "(get_byte(data, octet_length(data) - 1) + 1) % 256); commit",
            url: cluster.storeURL
        )
        let (output, status) = try failing(["verify"] + store)
        #expect(status == "exit 1")
        #expect(output.contains("section digests, page 0, offset 0: the checksum is "), "\(output)")
    }
}
