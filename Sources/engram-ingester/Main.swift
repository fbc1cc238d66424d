import Services

/// Recent data of a cluster.
@main
enum Main {
    static func main() async {
        await ServiceMain.ingester()
    }
}
