// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.function.UnaryOperator;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Hostile texts, a store, and what must not be printed. */
abstract class HostileText {

    static final String EVIL =
            "x\u001b[2J\u009b2J\u007f\u0007\b\u0085\u202e\u2066\u200e\u061c\u2028\u2029\ufeff\udb40\udc41\r\nforged: done\tz";
    static final String FORGED = "forged";

    @TempDir
    Path directory;

    final ThrowawayCa ca = ThrowawayCa.root("Good CA");
    final ThrowawayCa other = ThrowawayCa.root("Other CA", java.time.Instant.now());
    String store = "";
    String agent = "";

    @BeforeEach
    void prepare() throws Exception {
        store = directory.resolve("store").toString();
        assertThat(Run.of("init", "--dir", store).code()).isZero();
        agent = ca.client("agent")
                .writeTo(directory.resolve("agent"), ca.certificate())
                .toString();
    }

    HostileServer server(UnaryOperator<String> answers) throws Exception {
        Issued own = ca.server("evil");
        return new HostileServer(own, ca.certificate(), "Server: hostile", answers);
    }

    static String error(String message) {
        return "\"error\":{\"code\":-32603,\"message\":" + json(message) + "}";
    }

    static String json(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    static String name() {
        return "CN=x\u001b[2J\u009b2J\u007f\u202e\u2028\\0D\\0Aforged: done";
    }

    static String request(String subject) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair keys = generator.generateKeyPair();
        X500NameBuilder name = new X500NameBuilder();
        name.addRDN(BCStyle.CN, new DERUTF8String(subject));
        byte[] encoded = new PKCS10CertificationRequestBuilder(
                        name.build(),
                        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
        assertThat(new X500Principal(name.build().getEncoded()).getName()).contains(FORGED);
        return Issued.pem("CERTIFICATE REQUEST", encoded);
    }

    static void assertClean(Run run) {
        assertNoControls(run.out());
        assertNoControls(run.err());
        assertNoForgedLine(run.out());
        assertNoForgedLine(run.err());
    }

    static void assertNoControls(String printed) {
        assertThat(printed.codePoints())
                .as(printed)
                .allMatch(point -> point == '\n'
                        || point == '\t'
                        || (point >= 0x20 && point < 0x7f)
                        || (point > 0x9f
                                && Character.getType(point) != Character.FORMAT
                                && point != 0x2028
                                && point != 0x2029));
    }

    static void assertNoForgedLine(String printed) {
        assertThat(printed.lines()).as(printed).noneMatch(line -> line.strip().startsWith(FORGED));
    }
}
