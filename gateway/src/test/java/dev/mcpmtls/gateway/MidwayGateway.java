// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.process.ServerCommand;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A program that serves {@code midway.mjs} in both eras, over standard streams and HTTP, until it is killed. */
final class MidwayGateway {

    static final char[] PASSPHRASE = "secret".toCharArray();

    private MidwayGateway() {}

    /**
     * Serves, and writes into a directory how its one client reaches it.
     *
     * @param arguments the directory, and the URLs of the legacy and of the modern server
     */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        List<String> addresses = new ArrayList<>();
        for (String era : List.of("legacy", "modern")) {
            URI url = URI.create(arguments[era.equals("legacy") ? 1 : 2]);
            addresses.add(process(directory.resolve("stdio-" + era), era).uri().toString());
            addresses.add(http(url).uri().toString());
        }
        KeyStore client = Front.CA.client("alice").keyStore(String.valueOf(PASSPHRASE));
        client.setCertificateEntry("ca", Front.CA.certificate());
        try (OutputStream out = Files.newOutputStream(directory.resolve("client.p12"))) {
            client.store(out, PASSPHRASE);
        }
        Path written = Files.write(directory.resolve("addresses.new"), addresses);
        Files.move(written, directory.resolve("addresses"), StandardCopyOption.ATOMIC_MOVE);
        Thread.currentThread().join();
    }

    static Front process(Path log, String era) {
        ServerCommand command = new ServerCommand(
                List.of("node", Front.fixture("midway.mjs").toString()),
                Map.of("LOG", log.toString(), "ERA", era),
                Set.of(),
                Optional.empty());
        ProcessOptions options =
                new ProcessOptions(ProcessMode.PER_SESSION, 64, Duration.ofMinutes(5), Duration.ofSeconds(60));
        return Front.of(gateway -> gateway.command("midway", command, options));
    }

    static Front http(URI url) {
        return Front.of(gateway ->
                gateway.url("midway", url, Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(60)));
    }
}
