// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.Grant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** EST as RFC 7030 has it, with curl and openssl for clients. */
@Timeout(120)
class OtherClientsIT {

    private static final String EST = "/.well-known/est/";

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    @Test
    void enrolsRenewsAndRekeysWithCurlAndOpenssl() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here, Hierarchy.INTERMEDIATE, Duration.ofSeconds(5))) {
            JoinToken token = authority.invite(RunningAuthority.laptop());

            String authorities = openssl(
                    decoded(Tools.curl(authority, there, EST + "cacerts")), "pkcs7", "-inform", "DER", "-print_certs");
            Files.writeString(there.resolve("cas.pem"), authorities);
            assertThat(authorities).containsPattern("CN ?= ?mcp-mtls root").containsPattern("CN ?= ?mcp-mtls issuer");
            assertThat(openssl(decoded(Tools.curl(authority, there, EST + "csrattrs")), "asn1parse", "-inform", "DER"))
                    .contains("ecdsa-with-SHA256")
                    .contains("prime256v1");

            request("first.key", "first.b64");
            String first = post(authority, "simpleenroll", "first.b64", "-u", token.id() + ":" + token.password());
            assertThat(first).startsWith("HTTP/1.1 200").contains("smime-type=certs-only");
            install(first, "first.crt");
            assertThat(openssl(new byte[0], "verify", "-CAfile", "cas.pem", "first.crt"))
                    .contains("OK");

            request("second.key", "second.b64");
            String second =
                    post(authority, "simplereenroll", "second.b64", "--cert", "first.crt", "--key", "first.key");
            install(second, "second.crt");
            assertThat(openssl(
                            Files.readAllBytes(there.resolve("second.crt")),
                            "x509",
                            "-noout",
                            "-ext",
                            "subjectAltName,extendedKeyUsage"))
                    .contains("URI:spiffe://demo.local/agent/laptop-7")
                    .contains("TLS Web Client Authentication")
                    .doesNotContain("Server");

            assertThat(Tools.body(Tools.curl(authority, there, "/crl.pem"))).contains("-----BEGIN X509 CRL-----");
        }
    }

    @Test
    void theRequestsNamesAndPurposesAreNotTheOperators() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            String basic = token.id() + ":" + token.password();

            request("own.key", "own.b64", "-subj", "/CN=weather", "-addext", "subjectAltName=DNS:weather.example.org");
            assertThat(post(authority, "simpleenroll", "own.b64", "-u", basic))
                    .startsWith("HTTP/1.1 403")
                    .contains("not granted");
            request(
                    "own.key",
                    "own.b64",
                    "-subj",
                    "/CN=weather",
                    "-addext",
                    "extendedKeyUsage=serverAuth,clientAuth",
                    "-addext",
                    "basicConstraints=CA:TRUE");
            String granted = post(authority, "simpleenroll", "own.b64", "-u", basic);
            install(granted, "own.crt");
            assertThat(openssl(Files.readAllBytes(there.resolve("own.crt")), "x509", "-noout", "-text"))
                    .contains("CN = laptop-7")
                    .contains("CA:FALSE")
                    .contains("TLS Web Client Authentication")
                    .doesNotContain("TLS Web Server Authentication")
                    .doesNotContain("weather");
            assertThat(authority.refusals()).containsExactly("REQUEST_REFUSED");
        }
    }

    @Test
    void spokenIsTls13Alone() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            assertThat(Tools.curl(authority, there, EST + "cacerts", "--tls-max", "1.2"))
                    .isEmpty();
            assertThat(Tools.curl(authority, there, EST + "cacerts")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void refusesWhatIsNoRequest() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.token(
                    authority.authority.enrolment().invite(RunningAuthority.laptop(), Duration.ofMinutes(15), 5));
            String basic = token.id() + ":" + token.password();
            request("own.key", "own.b64");
            Files.writeString(there.resolve("large"), "A".repeat(40_000));
            Files.writeString(there.resolve("text"), "hello, world!");
            Files.writeString(there.resolve("base64"), "aGVsbG8=");
            Files.write(
                    there.resolve("own.der"),
                    Base64.getMimeDecoder().decode(Files.readAllBytes(there.resolve("own.b64"))));
            String type = "Content-Type: application/pkcs10";

            assertThat(raw(authority, "simpleenroll", "large", "-u", basic, "-H", type))
                    .startsWith("HTTP/1.1 413");
            assertThat(raw(
                            authority,
                            "simpleenroll",
                            "large",
                            "-u",
                            basic,
                            "-H",
                            type,
                            "-H",
                            "Transfer-Encoding: chunked"))
                    .startsWith("HTTP/1.1 413");
            assertThat(raw(authority, "simpleenroll", "own.b64", "-u", basic, "-H", "Content-Type: text/plain"))
                    .startsWith("HTTP/1.1 415");
            assertThat(raw(
                            authority,
                            "simpleenroll",
                            "own.b64",
                            "-u",
                            basic,
                            "-H",
                            type,
                            "-H",
                            "Content-Encoding: gzip"))
                    .startsWith("HTTP/1.1 415");
            assertThat(raw(authority, "simpleenroll", "text", "-u", basic, "-H", type))
                    .startsWith("HTTP/1.1 400");
            assertThat(raw(authority, "simpleenroll", "base64", "-u", basic, "-H", type))
                    .startsWith("HTTP/1.1 400");
            assertThat(raw(authority, "simpleenroll", "own.der", "-u", basic, "-H", type))
                    .startsWith("HTTP/1.1 400");
            assertThat(raw(authority, "simpleenroll", "own.b64", "-H", type)).startsWith("HTTP/1.1 401");
            assertThat(Tools.curl(authority, there, EST + "simpleenroll")).startsWith("HTTP/1.1 405");
            assertThat(Tools.curl(authority, there, EST + "cacerts", "-X", "DELETE"))
                    .startsWith("HTTP/1.1 405");
            assertThat(Tools.curl(authority, there, "/mcp", "-X", "POST", "-d", "{}"))
                    .startsWith("HTTP/1.1 404");
            assertThat(Tools.curl(authority, there, EST + "fullcmc")).startsWith("HTTP/1.1 404");

            assertThat(raw(
                            authority,
                            "simpleenroll",
                            "own.b64",
                            "-u",
                            basic,
                            "-H",
                            type,
                            "-H",
                            "Content-Transfer-Encoding: binary",
                            "-H",
                            "Transfer-Encoding: chunked"))
                    .as("RFC 8951: that header says nothing")
                    .startsWith("HTTP/1.1 200");
        }
    }

    /** The signature is over another key: its sender does not hold the one that it asks for. */
    @Test
    void refusesARequestThatItsKeyDidNotSign() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            request("own.key", "own.b64");
            byte[] der = Base64.getMimeDecoder().decode(Files.readAllBytes(there.resolve("own.b64")));
            der[der.length - 5] ^= 1;
            Files.write(there.resolve("own.b64"), Base64.getMimeEncoder().encode(der));

            assertThat(post(authority, "simpleenroll", "own.b64", "-u", token.id() + ":" + token.password()))
                    .startsWith("HTTP/1.1 400");
            assertThat(authority.join(there, token).isNew())
                    .as("the token is not used up")
                    .isTrue();
        }
    }

    @Test
    void aServersCertificateIsForTheServerAlone() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            Grant files = Grant.server("demo.local", "files");
            JoinToken token = authority.invite(files);
            request("own.key", "own.b64");
            install(post(authority, "simpleenroll", "own.b64", "-u", token.id() + ":" + token.password()), "own.crt");
            assertThat(openssl(
                            Files.readAllBytes(there.resolve("own.crt")), "x509", "-noout", "-ext", "extendedKeyUsage"))
                    .contains("TLS Web Server Authentication")
                    .doesNotContain("Client");
            assertThat(post(authority, "simplereenroll", "own.b64", "--cert", "own.crt", "--key", "own.key"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    private void request(String key, String request, String... more) throws Exception {
        String[] subject = more.length == 0 ? new String[] {"-subj", "/CN=laptop-7"} : more;
        Tools.run(there, new byte[0], "openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key);
        List<String> words = new ArrayList<>(
                List.of("openssl", "req", "-new", "-key", key, "-outform", "DER", "-out", "request.der"));
        words.addAll(List.of(subject));
        Tools.run(there, new byte[0], words.toArray(String[]::new));
        Files.write(there.resolve(request), Tools.run(there, new byte[0], "openssl", "base64", "-in", "request.der"));
    }

    private String post(RunningAuthority authority, String operation, String request, String... options)
            throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-H", "Content-Type: application/pkcs10"));
        return raw(authority, operation, request, all.toArray(String[]::new));
    }

    private String raw(RunningAuthority authority, String operation, String file, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--data-binary", "@" + file));
        return Tools.curl(authority, there, EST + operation, all.toArray(String[]::new));
    }

    private byte[] decoded(String answer) throws Exception {
        return Tools.run(there, Tools.body(answer).getBytes(StandardCharsets.US_ASCII), "openssl", "base64", "-d");
    }

    private void install(String answer, String file) throws Exception {
        Files.writeString(there.resolve(file), openssl(decoded(answer), "pkcs7", "-inform", "DER", "-print_certs"));
    }

    private String openssl(byte[] input, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("openssl"));
        all.addAll(List.of(words));
        return Tools.text(Tools.run(there, input, all.toArray(String[]::new)));
    }
}
