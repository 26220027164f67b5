FROM php:8.4-apache
