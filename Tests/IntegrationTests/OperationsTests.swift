import MetricsModel
import RemoteWrite
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct OperationsTests {}
}

extension IntegrationTests.OperationsTests {
    @Test func `a first query finds the process' own metrics without any Prometheus`() throws {
        let engram = try EngramProcess(.engram, ["--telemetry-self-monitoring-interval", "1s"])
        try engram.start()
        try eventually(within: 30, "an own metric") {
            let found = try engram.queries().instant("engram_build_info", at: Moment.now)
            return found.count == 1 && found[0].value?.text == "1"
        }
        #expect(try engram.stop() == 0)
    }

    @Test func `metrics have the promised names`() throws {
        let engram = try EngramProcess.single()
        var body = WriteRequestEncoder()
        body.add(Labels([("__name__", "m")]), timestamp: Moment.now, value: 1)
        body.add(Labels([("other", "m")]), timestamp: Moment.now, value: 1)
        _ = try engram.send(.push(body))
        _ = try engram.queries().instant("m", at: Moment.now)
        try engram.flush()

        let text = try engram.send(.get("/metrics")).text

        let names = [
            "engram_distributor_samples_received_total{tenant=\"anonymous\"} 2",
            "engram_distributor_samples_discarded_total{",
            "engram_ingester_series{tenant=\"anonymous\"}",
            "engram_ingester_samples_appended_total 1",
            "engram_ingester_wal_replay_duration_seconds", "engram_ingester_blocks_flushed_total 1",
            "engram_querier_queries_total{", "engram_querier_query_duration_seconds_bucket{",
            "engram_build_info{version=",
        ]
        for name in names {
            #expect(text.split(separator: "\n").contains { $0.hasPrefix(name) }, "\(name): \(text)")
        }
    }

    @Test(arguments: ["/prometheus", "/api/prom", ""])
    func `the query API answers under each prefix, by GET and by POST`(prefix: String) throws {
        let engram = try EngramProcess.single()
        var body = WriteRequestEncoder()
        let labels = Labels([("__name__", "m"), ("job", "j")])
        body.add(labels, timestamp: Moment.now - 1000, value: 7)
        for path in ["/api/v1/push", "/api/prom/push", "/api/v1/write"] {
            let push = HTTPRequest.push(body.compressed(), path: path)
            #expect(try engram.send(push).status == 204, "\(path)")
        }
        let paths = [
            ("/api/v1/query", "query=m", "\"7\""),
            ("/api/v1/series", "match[]=m", "{\"__name__\":\"m\",\"job\":\"j\"}"),
            ("/api/v1/labels", "", "[\"__name__\",\"job\"]"),
        ]
        for (path, form, expected) in paths {
            let get = try engram.send(HTTPRequest(target: "\(prefix)\(path)?\(form)"))
            let post = try engram.send(
                HTTPRequest.post(prefix + path, Array(form.utf8))
                    .with("Content-Type", "application/x-www-form-urlencoded")
            )
            for answer in [get, post] {
                #expect(answer.status == 200, "\(path): \(answer.text)")
                #expect(answer.headers["content-type"]?.hasPrefix("application/json") == true)
                #expect(answer.text.contains(expected), "\(path): \(answer.text)")
            }
        }
        let values = try engram.send(.get("\(prefix)/api/v1/label/job/values"))
        #expect(values.text == "{\"status\":\"success\",\"data\":[\"j\"]}")
        for path in ["/api/v1/status/buildinfo", "/api/v1/metadata"] {
            let answer = try engram.send(.get(prefix + path))
            #expect(answer.status == 200, "\(path)")
            #expect(answer.text.hasPrefix("{\"status\":\"success\""), "\(path): \(answer.text)")
        }
    }

    @Test(arguments: [
        ("query=up{", 400, "bad_data"), ("", 400, "bad_data"),
        ("query=up&time=never", 400, "bad_data"), ("query=nosuch(up)", 400, "bad_data"),
        ("query=up[5m:", 400, "bad_data"), ("query=1&timeout=never", 400, "bad_data"),
    ])
    func `a bad query is told in the envelope`(form: String, status: Int, type: String) throws {
        let engram = try EngramProcess.single()
        let answer = try engram.send(
            HTTPRequest.post("/prometheus/api/v1/query", Array(form.utf8))
                .with("Content-Type", "application/x-www-form-urlencoded")
        )
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.text.contains("\"errorType\":\"\(type)\""), "\(answer.text)")
    }
}
