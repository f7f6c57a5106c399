// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.acceptance.issuer.AuthorizationServer;
import dev.mcpmtls.acceptance.issuer.OauthClient;
import dev.mcpmtls.acceptance.issuer.Person;
import dev.mcpmtls.acceptance.issuer.ProtectedServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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

    private static final String INITIALIZE =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                    + "\"capabilities\":{},\"clientInfo\":{\"name\":\"h\",\"version\":\"1\"}}}\n";
    private static final String INITIALIZED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"whose\",\"arguments\":{}}}\n";

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
    void aProgramIsKnownByItsKeyAndNotByAnother() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).generate();
        HttpServer keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        keys.createContext("/", exchange -> {
            byte[] published = new JWKSet(key).toString().getBytes(StandardCharsets.UTF_8); // the public part alone
            exchange.sendResponseHeaders(200, published.length);
            exchange.getResponseBody().write(published);
            exchange.close();
        });
        keys.start();
        try {
            issuer.register(
                    "signer", URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/"));
            configure("client-id: signer, method: key, key-file: key.pem");
            writeKey(key);
            Run run = product.run("call", server.resource(), "whose");
            assertThat(run.out()).as("%s", run).contains("signer");

            writeKey(new ECKeyGenerator(Curve.P_256).generate());
            delete(product.stored("tokens"));
            Run refused = product.run("call", server.resource(), "whose");
            assertThat(refused.exit()).as("%s", refused).isEqualTo(4);
            assertThat(refused.err()).contains("no access token for", "invalid_client");
        } finally {
            keys.stop(0);
        }
    }

    @Test
    void whoamiNamesTheClaimsOfTheTokenAndNeverTheToken() throws IOException {
        configure("client-id: agent, method: certificate");
        Run run = product.run("whoami", server.resource());
        assertThat(run.exit()).as("%s", run).isZero();
        assertThat(run.out())
                .contains(
                        "access token: agent by " + issuer.issuer() + ", ", ", until 20", "for your certificate alone");
        assertThat(run.out() + run.err()).doesNotContain("eyJ"); // as every signed token begins
    }

    @Test
    void throughConnectAPersonLogsInAndTheHostIsAnswered() throws Exception {
        configure("client-id: desktop");
        Path err = directory.resolve("err");
        Process connect = connect(err);
        try (BufferedReader answers = connect.inputReader(StandardCharsets.UTF_8)) {
            say(connect, INITIALIZE);
            URI back = new Person(ROOT.certificate()).logIn(page(err));
            HttpClient.newHttpClient().send(HttpRequest.newBuilder(back).build(), BodyHandlers.discarding());
            assertThat(answers.readLine()).contains("\"id\":1", "\"protected\"");
            say(connect, INITIALIZED);
            say(connect, CALL);
            assertThat(answers.readLine()).contains("\"id\":2", "ada");
        } finally {
            connect.destroyForcibly();
        }
    }

    @Test
    void throughConnectTheHostIsToldThatThePersonDeclined() throws Exception {
        configure("client-id: desktop");
        Path err = directory.resolve("err");
        Process connect = connect(err);
        try (BufferedReader answers = connect.inputReader(StandardCharsets.UTF_8)) {
            say(connect, INITIALIZE);
            URI back = declined(page(err));
            HttpClient.newHttpClient().send(HttpRequest.newBuilder(back).build(), BodyHandlers.discarding());
            assertThat(answers.readLine()).contains("\"id\":1", "\"error\"", "no access token for", "access_denied");
        } finally {
            connect.destroyForcibly();
        }
    }

    private Process connect(Path err) throws IOException {
        return new ProcessBuilder(Product.launcher().toString(), "connect", server.resource())
                .directory(directory.toFile())
                .redirectError(err.toFile())
                .start();
    }

    private static void say(Process connect, String message) throws IOException {
        connect.getOutputStream().write(message.getBytes(StandardCharsets.UTF_8));
        connect.getOutputStream().flush();
    }

    /** Where the browser is sent by a person who does not consent (RFC 6749 section 4.1.2.1, RFC 9207). */
    private static URI declined(URI page) {
        Map<String, String> asked = Stream.of(page.getRawQuery().split("&"))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(field -> field[0], field -> field[1]));
        return URI.create(URLDecoder.decode(asked.get("redirect_uri"), StandardCharsets.UTF_8)
                + "?error=access_denied&state=" + asked.get("state") + "&iss="
                + URLEncoder.encode(issuer.issuer().toString(), StandardCharsets.UTF_8));
    }

    private void writeKey(ECKey key) throws IOException, JOSEException {
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.toECPrivateKey().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        Path file = product.stored("key.pem");
        Files.writeString(file, pem);
        Files.setPosixFilePermissions(file, fromString("rw-------"));
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
