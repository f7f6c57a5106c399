// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.trust.Strength;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.jcajce.util.MessageDigestUtils;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/**
 * A request whose sender proved possession of its key (PKCS#10, RFC 2986). Its subject is ignored; the requested names are
 * checked against the grant. Immutable.
 */
public final class SigningRequest {

    /** Collisions are known or within reach. */
    private static final Pattern BROKEN = Pattern.compile("MD[245]|SHA-?1|RIPEMD-?\\d+|TIGER");

    private final PublicKey key;
    private final List<Identity> names;

    private SigningRequest(PublicKey key, List<Identity> names) {
        this.key = key;
        this.names = names;
    }

    /**
     * Parses a request and verifies its signature.
     *
     * @param file a {@code CERTIFICATE REQUEST} or {@code NEW CERTIFICATE REQUEST} block among whatever text, in UTF-8 or UTF-16, with or
     *     without a byte order mark; or DER
     * @throws AuthorityException.Refused when it is not one request, its signature is weak or does not verify, our verifier would not
     *     accept its key, or it asks for a kind of name that is not issued here
     */
    public static SigningRequest parse(byte[] file) {
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(encoding(file));
            PublicKey key = key(request);
            verify(request, key);
            return new SigningRequest(key, names(request));
        } catch (IOException | RuntimeException e) {
            if (e instanceof AuthorityException refused) {
                throw refused;
            }
            // A parser's own message quotes the sender's text, or names classes.
            throw new AuthorityException.Refused(
                    "the certificate request cannot be used: it is damaged",
                    "have it made again, as with 'openssl req -new'",
                    e);
        }
    }

    private static byte[] encoding(byte[] file) throws IOException {
        if (file.length > 0 && file[0] == Der.SEQUENCE) {
            return file;
        }
        List<byte[]> found = new ArrayList<>();
        try (PemReader reader = new PemReader(new StringReader(lines(file)))) {
            for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
                if (block.getType().equals("CERTIFICATE REQUEST")
                        || block.getType().equals("NEW CERTIFICATE REQUEST")) {
                    found.add(block.getContent());
                }
            }
        }
        if (found.isEmpty()) {
            throw new AuthorityException.Refused(
                    "there is no certificate request",
                    "a PEM block 'CERTIFICATE REQUEST' is expected, as 'openssl req -new' makes it");
        }
        if (found.size() > 1) {
            throw new AuthorityException.Refused(
                    "there are " + found.size() + " certificate requests in one file", "give each a file of its own");
        }
        return found.get(0);
    }

    /** Windows writes byte order marks, and PowerShell UTF-16. */
    private static String lines(byte[] file) {
        String text = new String(file, charset(file));
        return text.lines().map(line -> line.replace("\ufeff", "").strip()).collect(Collectors.joining("\n"));
    }

    private static Charset charset(byte[] file) {
        if (file.length > 1 && (file[1] == 0 || (file[0] == (byte) 0xff && file[1] == (byte) 0xfe))) {
            return StandardCharsets.UTF_16LE;
        }
        boolean isBigEndian = file.length > 1 && (file[0] == 0 || (file[0] == (byte) 0xfe && file[1] == (byte) 0xff));
        return isBigEndian ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
    }

    private static PublicKey key(PKCS10CertificationRequest request) {
        PublicKey key;
        try {
            key = new JcaPKCS10CertificationRequest(request).getPublicKey();
        } catch (GeneralSecurityException e) {
            throw new AuthorityException.Refused(
                    "the request's key is of an unsupported kind (algorithm "
                            + request.getSubjectPublicKeyInfo().getAlgorithm().getAlgorithm()
                            + "), or damaged",
                    "use EC P-256, RSA 3072 or Ed25519",
                    e);
        }
        Strength.weakness(key).ifPresent(weakness -> {
            throw new AuthorityException.Refused(
                    "the request's key is too weak, or of an unsupported kind (" + weakness + ")",
                    "use EC P-256, RSA 3072 or Ed25519");
        });
        return key;
    }

    /** Verifies with BouncyCastle, which supports RSA-PSS under the names in requests. */
    private static void verify(PKCS10CertificationRequest request, PublicKey key) {
        AlgorithmIdentifier algorithm = request.getSignatureAlgorithm();
        if (BROKEN.matcher(digest(algorithm)).matches()) {
            throw new AuthorityException.Refused(
                    "the request is signed with a broken hash (" + digest(algorithm) + ")",
                    "have it signed with SHA-256, as 'openssl req -new -sha256' does");
        }
        boolean isValid;
        try {
            isValid = request.isSignatureValid(new JcaContentVerifierProviderBuilder()
                    .setProvider(new BouncyCastleProvider())
                    .build(key));
        } catch (OperatorCreationException | PKCSException e) {
            throw new AuthorityException.Refused(
                    "the request is signed with an algorithm that is unsupported, or not its key's ("
                            + algorithm.getAlgorithm() + ")",
                    "have it signed with ECDSA, RSA or Ed25519 and SHA-256",
                    e);
        }
        if (!isValid) {
            throw new AuthorityException.Refused(
                    "the request is not signed by the key it names: its sender does not prove to hold that key");
        }
    }

    private static String digest(AlgorithmIdentifier signature) {
        AlgorithmIdentifier digest = new DefaultDigestAlgorithmIdentifierFinder().find(signature);
        return digest == null ? "" : MessageDigestUtils.getDigestName(digest.getAlgorithm());
    }

    /** The key to certify. */
    public PublicKey key() {
        return key;
    }

    /** The requested names; may be empty. */
    public List<Identity> names() {
        return names;
    }

    /** Refuses a request for names that the grant does not hold. */
    void checkAgainst(Grant grant) {
        List<Identity> excess = new ArrayList<>(names);
        excess.removeAll(grant.names());
        if (!excess.isEmpty()) {
            throw new AuthorityException.Refused(
                    "the request asks for "
                            + String.join(
                                    ", ",
                                    excess.stream().map(GrantedNames::text).toList())
                            + ", which '" + grant.name() + "' is not granted",
                    "grant it, or have the request made without");
        }
    }

    private static List<Identity> names(PKCS10CertificationRequest request) {
        Extensions extensions = request.getRequestedExtensions();
        if (extensions == null) {
            return List.of();
        }
        GeneralNames names = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
        try {
            return names == null ? List.of() : GrantedNames.parse(names);
        } catch (IllegalArgumentException e) {
            throw new AuthorityException.Refused("the certificate request cannot be used: " + e.getMessage(), e);
        }
    }
}
