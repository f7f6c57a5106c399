// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import dev.mcpmtls.testkit.Issued;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.web.filter.RequestContextFilter;

/**
 * Spring's authorization server at {@code https://localhost}, with the clients of {@link Registrations} and the person {@code ada} with the password
 * {@code lovelace}. It asks for client certificates and requires none: browsers have none. Keys, registrations and tokens are in memory.
 */
public final class AuthorizationServer implements AutoCloseable {

    // Held, so that its level stays: Tomcat reports each step of its start and end.
    private static final Logger TOMCAT = Logger.getLogger("org.apache");
    private static final String PASSWORD = "of the key store";

    private final Tomcat tomcat = new Tomcat();
    private final Path directory;
    private final AnnotationConfigApplicationContext beans;
    private final Map<String, Integer> requests = new ConcurrentHashMap<>();

    static {
        TOMCAT.setLevel(Level.SEVERE);
    }

    private AuthorizationServer(Issued own, List<X509Certificate> anchors) {
        directory = temporary();
        beans = new AnnotationConfigApplicationContext(AuthorizationServerBeans.class);
        tomcat.setBaseDir(directory.toString());
        tomcat.setConnector(connector(own, anchors));
        Context context = tomcat.addContext("", directory.toString());
        Tomcat.addServlet(context, "nothing", new HttpServlet() {
            private static final long serialVersionUID = 1L;
        });
        context.addServletMappingDecoded("/", "nothing");
        add(context, "count", (request, response, chain) -> {
            requests.merge(((jakarta.servlet.http.HttpServletRequest) request).getRequestURI(), 1, Integer::sum);
            chain.doFilter(request, response);
        });
        add(context, "request", new RequestContextFilter());
        add(context, "security", beans.getBean("springSecurityFilterChain", Filter.class));
    }

    /**
     * Starts it on a free port of the loopback address.
     *
     * @param own its credential, for {@code localhost}
     * @param anchors for the certificates of its clients
     */
    public static AuthorizationServer start(Issued own, X509Certificate... anchors) {
        AuthorizationServer server = new AuthorizationServer(own, List.of(anchors));
        try {
            server.tomcat.start();
            Connector connector = server.tomcat.getConnector();
            connector.setPort(connector.getLocalPort());
        } catch (LifecycleException e) {
            server.close();
            throw new IllegalStateException("the authorization server does not start", e);
        }
        return server;
    }

    /** Its issuer identifier, for example {@code https://localhost:40001}. */
    public URI issuer() {
        return URI.create("https://localhost:" + tomcat.getConnector().getPort());
    }

    /** One of its addresses, for example {@code /oauth2/token}. */
    public URI at(String path) {
        return issuer().resolve(path);
    }

    /** How often something was asked for. */
    public int requests(String path) {
        return requests.getOrDefault(path, 0);
    }

    /**
     * Registers a client that authenticates by a signature.
     *
     * @param keys where its public keys are (RFC 7517)
     */
    public void register(String client, URI keys) {
        beans.getBean(InMemoryRegisteredClientRepository.class).save(Registrations.key(client, keys.toString()));
    }

    /** Signs with a new key from now on; the old one is still published. */
    public void rotateKey() {
        beans.getBean(SigningKeys.class).add();
    }

    /** Signs with a new key from now on, and publishes no other. */
    public void replaceKeys() {
        beans.getBean(SigningKeys.class).replace();
    }

    /** Is no longer reachable, until {@link #resume}. */
    public void pause() {
        try {
            tomcat.getConnector().stop();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Is reachable again, at the same port. */
    public void resume() {
        try {
            tomcat.getConnector().start();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            tomcat.stop();
            tomcat.destroy();
            beans.close();
            delete(directory);
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Connector connector(Issued own, List<X509Certificate> anchors) {
        SSLHostConfig tls = new SSLHostConfig();
        tls.setProtocols("+TLSv1.2+TLSv1.3");
        tls.setCertificateVerification("optional");
        tls.setTrustStore(store(anchors));
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(tls, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystore(own.keyStore(PASSWORD));
        certificate.setCertificateKeystorePassword(PASSWORD);
        tls.addCertificate(certificate);
        Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        connector.setPort(0);
        connector.setSecure(true);
        connector.setScheme("https");
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("SSLEnabled", "true");
        connector.setProperty("bindOnInit", "false");
        connector.addSslHostConfig(tls);
        return connector;
    }

    private static KeyStore store(List<X509Certificate> anchors) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (X509Certificate anchor : anchors) {
                store.setCertificateEntry("anchor" + store.size(), anchor);
            }
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void add(Context context, String name, Filter filter) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName(name);
        map.addURLPattern("/*");
        context.addFilterMap(map);
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("issuer");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            paths.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
