// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.acceptance.issuer.AuthorizationServer;
import dev.mcpmtls.acceptance.issuer.OauthClient;
import dev.mcpmtls.acceptance.issuer.Person;
import dev.mcpmtls.acceptance.issuer.ProtectedServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against a server that wants access tokens, which it gets from a real authorization server. */
class ClientsFetchTokensIT {

    private static final ThrowawayCa ROOT = ThrowawayCa.root("Root");
    private static final ThrowawayCa CA = ROOT.intermediate("Agents");
    private static final Pattern PAGE = Pattern.compile("log in: (https://\\S+)");

    private static AuthorizationServer issuer;
    private static ProtectedServer server;

    @TempDir
    private Path directory;

    private Product product;

    @BeforeAll
    static void start() {
        issuer = AuthorizationServer.start(ROOT.server("issuer"), ROOT.certificate());
        server = new ProtectedServer(issuer, ROOT, trust -> {}, resource -> {});
    }

    @AfterAll
    static void stop() {
        server.close();
        issuer.close();
    }

    @BeforeEach
    void store() {
        product = new Product(directory);
        present(CA.client("agent"));
    }

    @Test
    void aProgramIsKnownByItsCertificateAndKeepsItsToken() throws IOException {
        configure("client-id: agent, method: certificate");
        int before = issuer.requests("/oauth2/token");
        Run run = product.run("call", server.resource(), "whose");
        assertThat(run.exit()).as("%s", run).isZero();
        assertThat(run.out()).contains("agent");
        assertThat(product.run("call", server.resource(), "whose").exit()).isZero();
        assertThat(issuer.requests("/oauth2/token") - before).isEqualTo(1);
        try (Stream<Path> kept = Files.list(product.stored("tokens"))) {
            assertThat(kept.toList())
                    .isNotEmpty()
                    .allSatisfy(file ->
                            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(fromString("rw-------")));
        }
    }

    @Test
    void afterItsCertificateWasRenewedItFetchesAnotherToken() {
        configure("client-id: agent, method: certificate");
        assertThat(product.run("call", server.resource(), "whose").exit()).isZero();
        present(CA.client("agent"));
        Run run = product.run("call", server.resource(), "whose");
        assertThat(run.exit()).as("%s", run).isZero();
    }

    @Test
    void aProgramIsKnownByItsSecretAndNotByAnother() throws IOException {
        Files.writeString(product.stored("secret"), "batch-secret\n");
        configure("client-id: batch, method: secret, secret-file: secret");
        assertThat(product.run("call", server.resource(), "whose").out()).contains("batch");

        Files.writeString(product.stored("secret"), "guessed\n");
        delete(product.stored("tokens"));
        Run refused = product.run("call", server.resource(), "whose");
        assertThat(refused.exit()).as("%s", refused).isEqualTo(4);
        assertThat(refused.err())
                .contains("no access token for", "invalid_client")
                .doesNotContain("guessed");
    }

    @Test
    void aPersonLogsInOnce() throws Exception {
        configure("client-id: desktop");
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process call = new ProcessBuilder(Product.launcher().toString(), "call", server.resource(), "whose")
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            URI back = new Person(ROOT.certificate()).logIn(page(err));
            HttpClient.newHttpClient().send(HttpRequest.newBuilder(back).build(), BodyHandlers.discarding());
            assertThat(call.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            call.destroyForcibly();
        }
        assertThat(Files.readString(out)).as(Files.readString(err)).contains("ada");
        assertThat(product.run("call", server.resource(), "whose").out()).contains("ada");
        Run asked = product.run("tools", server.resource());
        assertThat(asked.out()).as("%s", asked).contains("whose");
    }

    @Test
    void withoutATokenACallIsRefusedWithTheReason() {
        product.configure("oauth: {issuer: \"https://localhost:1\", client-id: agent, method: certificate}\n");
        Run run = product.run("call", server.resource(), "whose");
        assertThat(run.exit()).as("%s", run).isEqualTo(4);
        assertThat(run.err()).contains("wants tokens of " + issuer.issuer(), "oauth.issuer");
    }

    @Test
    void theDoctorFetchesATokenOrExaminesOneInAFile() throws IOException {
        configure("client-id: agent, method: certificate");
        Run good = product.run("doctor", server.resource());
        assertThat(good.exit()).as("%s", good).isZero();
        assertThat(good.out()).contains("takes tokens from " + issuer.issuer(), "bound to our certificate", "whose");

        Issued other = CA.client("other");
        String token =
                new OauthClient(issuer, other, ROOT.certificate()).token("batch", "batch-secret", server.resource());
        Path file = Files.writeString(directory.resolve("token"), token);
        Run bad = product.run("doctor", server.resource(), "--token-file", file.toString());
        assertThat(bad.exit()).as("%s", bad).isEqualTo(4);
        assertThat(bad.out()).contains("bound to another certificate", "fetch a new one");
        assertThat(bad.out() + bad.err()).doesNotContain(token);
    }

    private void configure(String client) {
        product.configure("oauth: {issuer: \"%s\", %s}\n".formatted(issuer.issuer(), client));
    }

    private void present(Issued credential) {
        credential.writeTo(product.stored("credentials/coordinator"), ROOT.certificate());
    }

    private static URI page(Path printed) throws IOException {
        Instant limit = Instant.now().plusSeconds(30);
        while (Instant.now().isBefore(limit)) {
            Matcher page = PAGE.matcher(Files.readString(printed));
            if (page.find()) {
                return URI.create(page.group(1));
            }
            LockSupport.parkNanos(20_000_000);
        }
        throw new AssertionError("no page to log in: " + Files.readString(printed));
    }

    private static void delete(Path tokens) throws IOException {
        try (Stream<Path> files = Files.walk(tokens)) {
            for (Path file : List.copyOf(files.toList()).stream()
                    .sorted(java.util.Comparator.reverseOrder())
                    .toList()) {
                Files.delete(file);
            }
        }
    }
}
