import MetricsModel
import Testing

@Suite struct FingerprintTests {
    /// Fixed values, computed with libxxhash from C.
    ///
    /// Stored digests and every peer depend on these: a failure here means that the hash has changed, and
    /// never that the numbers are to be replaced.
    @Test(arguments: FingerprintTests.golden)
    func `fingerprints and tokens are fixed for ever`(
        tenant: String,
        labels: String,
        high: UInt64,
        low: UInt64,
        token: UInt32
    ) throws {
        let fingerprint = Fingerprint(
            seed: TenantSeed(try TenantID(tenant)),
            labels: Self.parse(labels)
        )
        #expect(fingerprint == Fingerprint(high: high, low: low))
        #expect(fingerprint.token == token)
    }

    @Test func `tenants have fingerprints of their own`() throws {
        let labels: Labels = ["__name__": "up", "job": "a"]
        let one = Fingerprint(seed: TenantSeed(try TenantID("one")), labels: labels)
        let two = Fingerprint(seed: TenantSeed(try TenantID("two")), labels: labels)
        #expect(one != two)
        #expect(one.token != two.token)
    }

    @Test func `hashing a key in place gives the fingerprint of its labels`() throws {
        let seed = TenantSeed(.anonymous)
        let labels: Labels = ["__name__": "up", "instance": "host:9090", "job": "a"]
        let inPlace = labels.key.withUnsafeBytes { Fingerprint(seed: seed, key: $0) }
        #expect(inPlace == Fingerprint(seed: seed, labels: labels))
    }

    @Test func `tokens of similar series spread evenly`() {
        let seed = TenantSeed(.anonymous)
        var buckets = [Int](repeating: 0, count: 16)
        for number in 0..<16_000 {
            let labels: Labels = ["__name__": "up", "pod": "pod-\(number)"]
            buckets[Int(Fingerprint(seed: seed, labels: labels).token >> 28)] += 1
        }
        #expect(buckets.allSatisfy { (850...1150).contains($0) }, "\(buckets)")
    }

    @Test func `fingerprints order by their upper half first`() {
        #expect(Fingerprint(high: 1, low: 9) < Fingerprint(high: 2, low: 0))
        #expect(Fingerprint(high: 1, low: 0) < Fingerprint(high: 1, low: 1))
    }

    fileprivate typealias Golden = (
        tenant: String, labels: String, high: UInt64, low: UInt64, token: UInt32
    )

    fileprivate static let golden: [Golden] = [
        ("anonymous", "", 0xd9e5_83ff_ef11_2b76, 0x02a5_4894_3042_9de1, 0xd9e5_83ff),
        ("anonymous", "__name__=up", 0x4824_1c65_4576_dbc8, 0xd3e3_bfb5_4ced_d3a1, 0x4824_1c65),
        (
            "anonymous", "__name__=up,job=a", 0x87ce_6431_f736_4f48, 0xe43c_1d58_2a4b_a6f6,
            0x87ce_6431
        ),
        (
            "team-1", "__name__=up,job=a", 0x7db1_4345_f570_c8b7, 0x96dd_4933_ff69_b6c0,
            0x7db1_4345
        ),
        (
            "team-1",
            "__name__=http_request_duration_seconds_bucket,cluster=production-eu-west-1,"
                + "container=application,instance=10.20.30.40:9090,job=kubernetes-pods,le=0.25,"
                + "namespace=payments,pod=payments-7d9c5b6f4-x2x9z",
            0x7509_1d8b_997f_2c1d, 0xb454_bb1d_0053_6c51, 0x7509_1d8b
        ),
    ]

    /// Labels of the form `a=b,c=d`.
    private static func parse(_ text: String) -> Labels {
        Labels(
            text.split(separator: ",").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), String(parts[1]))
            }
        )
    }
}
