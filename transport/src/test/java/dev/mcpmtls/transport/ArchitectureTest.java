// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;

/** The allowed dependencies between the transport's packages. */
@AnalyzeClasses(packages = "dev.mcpmtls.transport", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String SERVER = "dev.mcpmtls.transport.server";

    @ArchTest
    static final ArchRule SERVER_AND_CLIENT_LOOK_AT_NETTY_AND_NOT_AT_EACH_OTHER = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("netty")
            .definedBy("dev.mcpmtls.transport.netty..")
            .layer("server")
            .definedBy("dev.mcpmtls.transport.server..")
            .layer("client")
            .definedBy("dev.mcpmtls.transport.client..")
            .whereLayer("server")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("client")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule ONLY_NETTY_MAKES_TLS_CONTEXTS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mcpmtls.transport.netty..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(SslContext.class, SslContextBuilder.class);

    @ArchTest
    static final ArchRule A_REQUEST_GOES_FROM_HTTP_THROUGH_THE_ERAS_TO_A_BACKEND = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("door")
            .definedBy(SERVER)
            .layer("http")
            .definedBy(SERVER + ".http")
            .layer("legacy")
            .definedBy(SERVER + ".legacy")
            .layer("modern")
            .definedBy(SERVER + ".modern")
            .layer("call")
            .definedBy(SERVER + ".call")
            .layer("backend")
            .definedBy(SERVER + ".backend")
            .layer("caller")
            .definedBy(SERVER + ".caller")
            .whereLayer("door")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("http")
            .mayOnlyBeAccessedByLayers("door")
            .whereLayer("legacy")
            .mayOnlyBeAccessedByLayers("door")
            .whereLayer("modern")
            .mayOnlyBeAccessedByLayers("door")
            .whereLayer("call")
            .mayOnlyBeAccessedByLayers("door", "http", "legacy", "modern")
            .whereLayer("backend")
            .mayOnlyBeAccessedByLayers("door", "legacy", "modern", "call")
            .whereLayer("caller")
            .mayOnlyBeAccessedByLayers("door", "http", "legacy", "modern", "call", "backend");

    @ArchTest
    static final ArchRule ONLY_BACKENDS_AND_THE_DOOR_KNOW_THE_SDK = noClasses()
            .that()
            .resideInAnyPackage(SERVER + ".http", SERVER + ".legacy", SERVER + ".modern", SERVER + ".call")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.modelcontextprotocol..")
            .orShould()
            .dependOnClassesThat()
            .haveSimpleNameStartingWith("Sdk");

    @ArchTest
    static final ArchRule ONLY_NETTY_TOUCHES_INTERNALS_OF_NETTY = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mcpmtls.transport.netty..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..internal..");
}
