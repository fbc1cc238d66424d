import Testing

@testable import ServiceSupport

@Suite struct TenantOverridesTests {
    /// Reads the text of a file.
    static func read(
        _ text: String,
        defaults change: (inout LimitsSettings) -> Void = { _ in },
        for executable: Executable = .engram
    ) throws(ConfigurationError) -> TenantOverrides {
        var settings = ServiceSettings(defaultsFor: executable)
        change(&settings.limits)
        return try TenantOverrides(
            path: "FILE",
            bytes: Array(text.utf8),
            defaults: settings,
            executable: executable
        )
    }

    private static func message(of text: String) -> String {
        do {
            _ = try read(text)
        } catch {
            #expect(error.exitCode == .configuration)
            return error.description
        }
        return "accepted"
    }

    @Test func `a tenant has what the file says, and else the defaults`() throws {
        let overrides = try Self.read(
            """
            overrides:
              team-a:
                lateWindow: 3650d
                promqlFeatures: [promql-experimental-functions, promql-duration-expr]
                maxExemplars: 100
              123:
                retention: 30d
            """
        ) {
            $0.maxLabelNamesPerSeries = 7
        }
        let team = try #require(overrides.limits["team-a"])
        #expect(team.lateWindow == .seconds(3650 * 86_400))
        #expect(team.promqlFeatures == ["promql-experimental-functions", "promql-duration-expr"])
        #expect(team.maxExemplars == 100)
        #expect(team.maxLabelNamesPerSeries == 7)
        #expect(overrides.limits["123"]?.retention == .seconds(30 * 86_400))
        #expect(overrides.limits.count == 2)
        #expect(overrides.defaults.lateWindow == .seconds(86_400))
    }

    @Test(arguments: LimitNames.keys.map(\.name))
    func `every limit is taken in each of its spellings`(name: String) throws {
        let key = try #require(LimitNames.keys.first { $0.name == name })
        let values = [
            "1", "48h", "promql-duration-expr", "local",
            "[{label_set: {a: b}, limits: {max_series: 1}}]", "[a]", "[{action: drop}]", "true",
        ]
        let value = try #require(
            values.first {
                (try? Self.read("overrides: {a: {\(key.nameInSection): \($0)}}")) != nil
            }
        )
        let expected = try Self.read("overrides: {a: {\(key.nameInSection): \(value)}}").limits
        #expect(expected["a"] != LimitsSettings())
        for spelling in LimitNames.all(of: key) {
            let found = try Self.read("overrides: {a: {\(spelling): \(value)}}").limits
            #expect(found == expected, "\(spelling)")
        }
    }

    @Test(arguments: [
        ("maxLabelNamesPerSeries", "max_label_names_per_series"),
        ("maxLabelNameLength", "max_label_name_length"),
        ("maxLabelValueLength", "max_label_value_length"),
        ("maxLabelsSize", "max_labels_size_bytes"),
        ("lateWindow", "out_of_order_time_window"), ("lateWindow", "late_window"),
        ("creationGracePeriod", "creation_grace_period"),
        ("retention", "compactor_blocks_retention_period"), ("maxExemplars", "max_exemplars"),
        ("promqlFeatures", "promql_features"), ("maxSampleAge", "max_sample_age"),
        ("ingestionRate", "ingestion_rate"), ("ingestionBurstSize", "ingestion_burst_size"),
        ("ingestionRateStrategy", "ingestion_rate_strategy"),
        ("maxSeries", "max_series_per_user"), ("maxGlobalSeries", "max_global_series_per_user"),
        ("maxSeriesPerMetric", "max_series_per_metric"),
        ("maxGlobalSeriesPerMetric", "max_global_series_per_metric"),
        ("ingestionTenantShardSize", "ingestion_tenant_shard_size"),
        ("limitsPerLabelSet", "limits_per_label_set"), ("dropLabels", "drop_labels"),
        ("metricRelabelConfigs", "metric_relabel_configs"),
        ("acceptHaSamples", "accept_ha_samples"), ("haClusterLabel", "ha_cluster_label"),
        ("haReplicaLabel", "ha_replica_label"), ("haMaxClusters", "ha_max_clusters"),
    ])
    func `the names of Cortex stand for the same limits`(name: String, spelling: String) throws {
        #expect(LimitNames.key(named: spelling)?.nameInSection == name)
    }

    @Test(arguments: [
        "", "# nothing\n", "overrides:\n", "overrides: {}\n", "overrides: ~\n", "null\n",
    ])
    func `a file without tenants is right`(text: String) throws {
        #expect(try Self.read(text).limits.isEmpty)
    }

    @Test func `a tenant without limits has the defaults`() throws {
        #expect(try Self.read("overrides:\n  a:\n  b: {}\n").limits["a"] == LimitsSettings())
    }

    private static let duration = "expected a duration from 0 to 3650d"
    private static let features =
        "expected a list, separated by commas, of "
        + LimitsSettings.knownPromQLFeatures.joined(separator: ", ")
    private static let tenant = "expected 1 to 150 letters, digits and characters of !-_.*'()"
    private static let limits = LimitNames.keys.map(\.nameInSection).joined(separator: ", ")

    /// Files with a mistake, in YAML; what is said of the place, and of what is accepted there.
    private static let mistakes: [(String, String, String)] = [
        (
            "overrides:\n  a:\n    lateWindow: 5y\n",
            "overrides.a.lateWindow: \"5y\" from file FILE, line 3 is refused: ", duration
        ),
        (
            "overrides:\n  a:\n    out_of_order_time_window: 3651d\n",
            "overrides.a.out_of_order_time_window: \"3651d\" from file FILE, line 3 is refused: ",
            duration
        ),
        (
            "overrides: {a: {max_label_names_per_series: 0}}\n",
            "overrides.a.max_label_names_per_series: \"0\" from file FILE, line 1 is refused: ",
            "expected a whole number from 1 to 1000"
        ),
        (
            "overrides: {a: {promqlFeatures: [no-such]}}\n",
            "overrides.a.promqlFeatures: \"no-such\" from file FILE, line 1 is refused: ", features
        ),
        (
            "overrides: {a: {promqlFeatures: [{b: c}]}}\n",
            "overrides.a.promqlFeatures: \"a list\" from file FILE, line 1 is refused: ", features
        ),
        (
            "overrides: {a: {lateWindow: [1h]}}\n",
            "overrides.a.lateWindow: \"a list\" from file FILE, line 1 is refused: ", duration
        ),
        (
            "overrides: {a: {lateWindow: {b: 1h}}}\n",
            "overrides.a.lateWindow: \"a mapping\" from file FILE, line 1 is refused: ", duration
        ),
        (
            "overrides: {a: {lateWindow: }}\n",
            "overrides.a.lateWindow: \"\" from file FILE, line 1 is refused: ", duration
        ),
        (
            "overrides:\n  a:\n    lateWindo: 1h\n",
            "unknown limit overrides.a.lateWindo in file FILE, line 3; ", "did you mean lateWindow?"
        ),
        (
            "overrides:\n  a:\n    overridesFile: b\n",
            "unknown limit overrides.a.overridesFile in file FILE, line 3; ",
            "expected one of \(limits)"
        ),
        (
            "overrides:\n  a:\n    late_window: 1h\n    lateWindow: 1h\n",
            "key overrides.a.lateWindow is set again in file FILE, line 4", ""
        ),
        (
            "overrides:\n  a b:\n    lateWindow: 1h\n",
            "overrides: \"a b\" from file FILE, line 2 is refused: ", tenant
        ),
        (
            "overrides:\n  __markers__: {}\n",
            "overrides: \"__markers__\" from file FILE, line 2 is refused: ", tenant
        ),
        ("overrides: {a: {}, a: {}}\n", "file FILE: line 1: set twice: a", ""),
        (
            "overides: {}\n", "unknown key overides in file FILE, line 1; ",
            "did you mean overrides?"
        ),
        ("- a\n", "file FILE: line 1: ", "expected names with values below the file"),
        ("overrides: [a]\n", "file FILE: line 1: ", "expected names with values below overrides"),
        (
            "overrides: {a: 1}\n", "file FILE: line 1: ",
            "expected names with values below overrides.a"
        ),
        ("overrides: {[a]: {}}\n", "file FILE: line 1: a name is not a word", ""),
        ("a: 'unfinished\n", "file FILE: line 2, column 1: found unexpected end of stream", ""),
    ]

    @Test(arguments: mistakes)
    func `a mistake is named with file, tenant, limit, value and what is accepted`(
        text: String,
        place: String,
        accepted: String
    ) {
        #expect(Self.message(of: text) == place + accepted)
    }

    @Test func `messages repeat only the start of a long text`() {
        // YAML itself bounds names to 1024 characters, unless a question mark is before them.
        let long = String(repeating: "9", count: 100_000)
        for text in ["{a: {lateWindow: \(long)}}", "{a: {? \(long) : 1}}", "{? \(long) : {}}"] {
            let message = Self.message(of: "overrides: \(text)\n")
            #expect(message.contains("99…"))
            #expect(message.utf8.count < 1000)
        }
    }

    @Test func `bytes that are no text are refused`() {
        #expect(throws: ConfigurationError.fileMalformed(path: "F", reason: "not UTF-8 text")) {
            try TenantOverrides(
                path: "F",
                bytes: [0x61, 0xff],
                defaults: ServiceSettings(defaultsFor: .engram),
                executable: .engram
            )
        }
    }

    @Test func `what is in force reads back, with and without what equals the default`() throws {
        let overrides = try Self.read(
            """
            overrides:
              team-b: {late_window: 48h, max_label_names_per_series: 60}
              null-team: {promqlFeatures: [promql-duration-expr, type-and-unit-labels]}
              nothing: {}
            """
        )
        #expect(
            overrides.yaml() == """
                overrides:
                  null-team:
                    promqlFeatures: "promql-duration-expr,type-and-unit-labels"
                  team-b:
                    maxLabelNamesPerSeries: 60
                    lateWindow: 2d

                """
        )
        #expect(
            overrides.yaml(onlyDifferences: true) == """
                overrides:
                  null-team:
                    promqlFeatures: "promql-duration-expr,type-and-unit-labels"
                  team-b:
                    lateWindow: 2d

                """
        )
        let again = try Self.read(overrides.yaml())
        #expect(again.limits["team-b"] == overrides.limits["team-b"])
        #expect(again.yaml() == overrides.yaml())
        #expect(try Self.read("").yaml() == "overrides: {}\n")
    }

    @Test func `a program gets the names of Cortex and values of their kind`() throws {
        let overrides = try Self.read(
            "overrides: {a: {late_window: 48h, promqlFeatures: promql-duration-expr}}",
            for: .querier
        )
        let own = overrides.values(of: "a", onlyOverrides: true)
        #expect(own.map(\.name) == ["out_of_order_time_window", "promql_features"])
        #expect(own.map(\.value) == [.text("2d"), .list(["promql-duration-expr"])])
        #expect(overrides.values(of: "b", onlyOverrides: true).isEmpty)
        // A querier does not know what distributors do for all tenants.
        let all = overrides.values(of: "b", onlyOverrides: false)
        #expect(
            all.map(\.name) == [
                "ingestion_tenant_shard_size", "promql_features",
                "compactor_blocks_retention_period",
            ]
        )
        #expect(all.map(\.value) == [.number(0), .list([]), .text("0")])
        let single = try Self.read("").values(of: "a", onlyOverrides: false)
        #expect(single.count == LimitNames.keys.count)
        #expect(single.first?.name == "max_label_names_per_series")
        #expect(single.first?.value == .number(60))
    }

    @Test func `a limit that is true or false is that for programs, too`() throws {
        let overrides = try Self.read("overrides: {a: {accept_ha_samples: true}}")
        #expect(overrides.limits["a"]?.acceptHASamples == true)
        let values = overrides.values(of: "a", onlyOverrides: true)
        #expect(values.map(\.name) == ["accept_ha_samples"])
        #expect(values.map(\.value) == [.boolean(true)])
        #expect(throws: ConfigurationError.self) {
            try Self.read("overrides: {a: {haReplicaLabel: __name__}}")
        }
    }

    @Test func `ten thousand tenants are read`() throws {
        let lines = (0..<10_000).map { "  tenant-\($0): {lateWindow: \($0 + 1)s}\n" }
        let overrides = try Self.read("overrides:\n" + lines.joined())
        #expect(overrides.limits.count == 10_000)
        #expect(overrides.limits["tenant-9999"]?.lateWindow == .seconds(10_000))
    }

    @Test func `the file is read at start and by a check`() throws {
        try withFile("overrides: {a: {lateWindow: 1h}}\n") { path in
            let loaded = try load(.engram, ["--limits-overrides-file=\(path)"])
            #expect(loaded.overrides.limits["a"]?.lateWindow == .seconds(3600))
            #expect(loaded.overrides.content?.count == 33)
        }
        #expect(try load().overrides.limits.isEmpty)
        try withFile("overrides: {a: {lateWindow: never}}\n") { path in
            for arguments in [[], ["--check-config"]] {
                let refused = try refusal(
                    .engram,
                    ["--limits-overrides-file=\(path)"] + arguments
                )
                #expect(refused.message.contains("overrides.a.lateWindow: \"never\" from file"))
                #expect(refused.code == .configuration)
            }
        }
        let missing = try refusal(.engram, ["--limits-overrides-file=/nonexistent/o.yaml"])
        #expect(
            missing.message
                == "cannot read the file /nonexistent/o.yaml: No such file or directory"
        )
    }
}
